"""Members of organizations, for which the Python client has no methods, by its raw requests."""

import uuid

import cloudflare
import pytest


@pytest.fixture
def members(client):
    """The path of the members of a new root."""
    return f"/organizations/{client.organizations.create(name='Root').id}/members"


def address():
    return f"{uuid.uuid4().hex}@compat.example"


def add(client, members, email):
    return client.post(members, body={"member": {"user": {"email": email}}}, cast_to=object)["result"]


def test_the_founder_is_the_first_member(client, members, owner):
    listed = client.get(members, cast_to=object)
    assert [(one["user"]["email"], one["status"]) for one in listed["result"]] == [(owner.email, "active")]
    assert listed["result_info"] == {"total_size": 1}


def test_a_member_who_is_added_is_what_get_returns_and_is_gone_when_removed(client, members):
    added = add(client, members, address())
    assert set(added) == {"id", "status", "user", "meta", "create_time", "update_time"}
    assert set(added["user"]) == {"id", "email", "name", "two_factor_authentication_enabled"}
    assert client.get(f"{members}/{added['id']}", cast_to=object)["result"] == added
    client.delete(f"{members}/{added['id']}", cast_to=type(None))
    with pytest.raises(cloudflare.NotFoundError):
        client.get(f"{members}/{added['id']}", cast_to=object)


def test_a_batch_adds_several_and_the_filters_find_them(client, members):
    emails = [address() for _ in range(3)]
    body = {"members": [{"user": {"email": email}} for email in emails]}
    added = client.post(f"{members}:batchCreate", body=body, cast_to=object)["result"]
    assert [one["user"]["email"] for one in added] == emails
    found = client.get(f"{members}?user.email={emails[1]}&status=active", cast_to=object)["result"]
    assert found == [added[1]]
    assert client.get(f"{members}?status=canceled", cast_to=object)["result"] == []


def test_adding_somebody_twice_fails_once_and_for_all(client, members):
    email = address()
    add(client, members, email)
    with pytest.raises(cloudflare.ConflictError) as refused:
        add(client, members, email.upper())
    assert refused.value.errors[0].source.pointer == "/member/user/email"


def test_a_new_member_sees_the_organization_at_once(client, connector, server, members):
    person = server.new_person()
    colleague = connector.with_token(person.api_token)
    assert colleague.organizations.list().result == []
    add(client, members, person.email)
    assert len(colleague.organizations.list().result) == 1
