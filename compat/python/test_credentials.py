"""Both forms of credential, what they may do, and what is no credential."""

from datetime import UTC, datetime, timedelta

import cloudflare
import httpx
import pytest

from seed import EXPIRED_TOKEN


def test_a_token_and_a_key_are_the_same_user(connector, owner):
    by_token = connector.with_token(owner.api_token)
    by_key = connector.with_key(owner.email, owner.api_key)
    assert by_token.user.get().id == by_key.user.get().id == owner.id
    created = by_token.organizations.create(name="Angelica")
    assert by_key.organizations.get(created.id) == created


def test_the_user_is_told_who_they_are(client, owner):
    user = client.user.get()
    assert (user.id, user.email) == (owner.id, owner.email)
    assert user.two_factor_authentication_enabled is False


def test_a_working_token_verifies_as_active(connector, server, owner):
    expires_on = (datetime.now(UTC) + timedelta(days=1)).replace(microsecond=0)
    token = server.new_token(owner, expires_on=expires_on.isoformat().replace("+00:00", "Z"))
    verified = connector.with_token(token["value"]).user.tokens.verify()
    assert (verified.id, verified.status, verified.expires_on) == (token["id"], "active", expires_on)


def test_a_token_that_nobody_made_does_not_authenticate(connector):
    client = connector.with_token("nobody-made-this-token-0123456789abcdef")
    with pytest.raises(cloudflare.AuthenticationError) as refused:
        client.organizations.list()
    assert refused.value.errors[0].code == 10000
    with pytest.raises(cloudflare.AuthenticationError):
        client.user.get()


def test_a_key_belongs_to_its_address(connector, server, owner):
    stranger = server.new_person()
    with pytest.raises(cloudflare.AuthenticationError):
        connector.with_key(stranger.email, owner.api_key).organizations.list()


def test_a_revoked_token_stops_at_the_next_request(connector, server, owner):
    token = server.new_token(owner)
    client = connector.with_token(token["value"])
    client.organizations.list()
    server.call("DELETE", f"/tokens/{token['id']}", owner)
    with pytest.raises(cloudflare.AuthenticationError):
        client.organizations.list()


def test_an_expired_token_does_not_authenticate(connector):
    with pytest.raises(cloudflare.AuthenticationError):
        connector.with_token(EXPIRED_TOKEN).organizations.list()


def test_no_credential_is_unauthenticated(server):
    response = httpx.get(f"{server.url}/client/v4/organizations")
    assert response.status_code == 401
    assert response.json()["errors"][0]["code"] == 9106


def test_an_address_beside_a_token_is_ignored(connector, owner):
    client = connector.with_token(owner.api_token, default_headers={"X-Auth-Email": owner.email, "X-Auth-Key": ""})
    assert client.user.get().id == owner.id


def test_two_whole_credentials_must_name_one_user(connector, server, owner):
    stranger = server.new_person()
    both = {"X-Auth-Email": stranger.email, "X-Auth-Key": stranger.api_key}
    with pytest.raises(cloudflare.BadRequestError):
        connector.with_token(owner.api_token, default_headers=both).organizations.list()


def test_a_token_reaches_no_further_than_its_organization(connector, server, client, owner):
    inside = client.organizations.create(name="Inside")
    below = client.organizations.create(name="Below", parent={"id": inside.id})
    outside = client.organizations.create(name="Outside")
    scoped = connector.with_token(server.new_token(owner, organization_id=inside.id)["value"])
    assert {one.id for one in scoped.organizations.list().result} == {inside.id, below.id}
    assert scoped.organizations.update(below.id, name="Renamed").name == "Renamed"
    with pytest.raises(cloudflare.NotFoundError):
        scoped.organizations.get(outside.id)


def test_a_token_does_no_more_than_its_role(connector, server, client, owner):
    organization = client.organizations.create(name="Angelica")
    viewer = connector.with_token(server.new_token(owner, organization_id=organization.id, role="viewer")["value"])
    assert viewer.organizations.get(organization.id) == organization
    with pytest.raises(cloudflare.PermissionDeniedError):
        viewer.organizations.update(organization.id, name="Lovage")
