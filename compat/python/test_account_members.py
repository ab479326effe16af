"""Members and roles of accounts, and the memberships of the caller."""

import uuid

import cloudflare
import pytest

ROLES = ["super_administrator", "administrator", "billing", "auditor", "viewer"]


@pytest.fixture
def account(client):
    return client.accounts.create(name="Alone", type="standard", extra_body={"standalone": True})


def address():
    return f"{uuid.uuid4().hex}@compat.example"


def test_the_creator_is_its_first_member(client, connector, account, owner):
    members = connector.items(client.accounts.members.list(account_id=account.id))
    assert [(member.user.email, member.status) for member in members] == [(owner.email, "accepted")]
    assert [role.name for role in members[0].roles] == ["super_administrator"]


def test_an_invited_member_is_pending_until_it_accepts(client, connector, server, account):
    person = server.new_person()
    invited = client.accounts.members.create(account_id=account.id, email=person.email, roles=["viewer"])
    assert invited.status == "pending"
    assert client.accounts.members.get(invited.id, account_id=account.id) == invited
    colleague = connector.with_token(person.api_token)
    with pytest.raises(cloudflare.NotFoundError):
        colleague.accounts.get(account_id=account.id)
    membership = connector.items(colleague.memberships.list())[0]
    assert (membership.id, membership.status, membership.roles) == (invited.id, "pending", ["viewer"])
    accepted = colleague.memberships.update(membership.id, status="accepted")
    assert accepted.status == "accepted"
    assert colleague.accounts.get(account_id=account.id) == account


def test_a_member_gets_other_roles_and_is_removed(client, account):
    member = client.accounts.members.create(account_id=account.id, email=address(), roles=["viewer"], status="accepted")
    updated = client.accounts.members.update(member.id, account_id=account.id, roles=[{"id": "billing"}, {"id": "auditor"}])
    assert [role.id for role in updated.roles] == ["billing", "auditor"]
    assert client.accounts.members.delete(member.id, account_id=account.id).id == member.id
    with pytest.raises(cloudflare.NotFoundError):
        client.accounts.members.get(member.id, account_id=account.id)


def test_an_invitation_can_be_rejected_and_a_membership_ended(client, connector, server, account):
    person = server.new_person()
    colleague = connector.with_token(person.api_token)
    invited = client.accounts.members.create(account_id=account.id, email=person.email, roles=["viewer"])
    assert colleague.memberships.update(invited.id, status="rejected").status == "rejected"
    assert colleague.memberships.delete(invited.id).id == invited.id
    assert connector.items(colleague.memberships.list()) == []


def test_the_roles_are_listed_and_each_is_found(client, connector, account):
    roles = connector.items(client.accounts.roles.list(account_id=account.id))
    assert [role.id for role in roles] == ROLES
    assert client.accounts.roles.get("viewer", account_id=account.id) == roles[-1]
