"""Many requests of one asynchronous client at once."""

import asyncio
import uuid

import cloudflare


def test_forty_creations_at_once_are_forty_organizations(server, owner):
    async def create_and_list():
        async with cloudflare.AsyncCloudflare(
            base_url=server.url, api_token=owner.api_token, _strict_response_validation=True
        ) as client:
            root = await client.organizations.create(name="Root")
            created = await asyncio.gather(
                *(client.organizations.create(name=f"Leaf {number}", parent={"id": root.id}) for number in range(40))
            )
            listed = await client.organizations.list(parent={"id": root.id}, page_size=100)
            return {one.id for one in created}, [one.id for one in listed.result]

    created, listed = asyncio.run(create_and_list())
    assert len(created) == len(listed) == 40
    assert created == set(listed)


def test_one_key_sent_eight_times_at_once_creates_once(server, owner):
    headers = {"Idempotency-Key": f"compat-{uuid.uuid4()}"}

    async def create():
        async with cloudflare.AsyncCloudflare(
            base_url=server.url, api_token=owner.api_token, _strict_response_validation=True
        ) as client:
            return await asyncio.gather(
                *(client.organizations.create(name="Angelica", extra_headers=headers) for _ in range(8))
            )

    assert len({one.id for one in asyncio.run(create())}) == 1
