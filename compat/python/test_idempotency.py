"""`Idempotency-Key`: a repeated creation is the same creation."""

import uuid

import cloudflare
import pytest

from clients import LosesAnswers


def key():
    return {"Idempotency-Key": f"compat-{uuid.uuid4()}"}


def test_a_repeated_creation_gets_the_first_answer(client):
    headers = key()
    first = client.organizations.with_raw_response.create(name="Angelica", extra_headers=headers)
    again = client.organizations.with_raw_response.create(name="Angelica", extra_headers=headers)
    assert again.http_response.content == first.http_response.content
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert [one.id for one in client.organizations.list().result] == [first.http_response.json()["result"]["id"]]


def test_a_key_that_was_used_for_another_body_is_unprocessable(client):
    headers = key()
    client.organizations.create(name="Angelica", extra_headers=headers)
    with pytest.raises(cloudflare.UnprocessableEntityError) as refused:
        client.organizations.create(name="Lovage", extra_headers=headers)
    assert refused.value.errors[0].code >= 1000
    assert [one.name for one in client.organizations.list().result] == ["Angelica"]


def test_without_a_key_two_creations_are_two_organizations(client):
    first, second = client.organizations.create(name="Angelica"), client.organizations.create(name="Angelica")
    assert first.id != second.id


def test_keys_of_two_users_are_not_the_same_key(client, connector, server):
    headers = key()
    other = connector.with_token(server.new_person().api_token)
    mine = client.organizations.create(name="Angelica", extra_headers=headers)
    theirs = other.organizations.create(name="Angelica", extra_headers=headers)
    assert mine.id != theirs.id


def test_the_client_retries_a_lost_answer_and_creates_once(connector, owner):
    network = LosesAnswers(losses=2)
    client = connector.with_token(owner.api_token, http_client=connector.through(network))
    created = client.organizations.create(name="Angelica", extra_headers=key())
    assert network.sent == 3
    assert [one.id for one in client.organizations.list().result] == [created.id]
