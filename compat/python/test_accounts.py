"""Every method of `client.accounts`, and what the client has no method for by raw requests."""

import cloudflare
import pytest

from seed import UNKNOWN_ID

PROFILE = {
    "business_address": '{"line1":"1 Stalk Street"}',
    "business_email": "office",
    "business_name": "Umbellifers Ltd",
    "business_phone": "",
    "external_metadata": "{}",
}


@pytest.fixture
def root(client):
    return client.organizations.create(name="Root")


def create(client, organization, name="Web shop", **more):
    return client.accounts.create(name=name, type="standard", unit={"id": organization.id}, **more)


def test_a_created_account_is_what_get_returns(client, root):
    created = create(client, root)
    assert (created.name, created.type) == ("Web shop", "standard")
    assert created.managed_by.parent_org_id == root.id
    assert created.managed_by.parent_org_name == "Root"
    assert created.settings.enforce_twofactor is False
    assert client.accounts.get(account_id=created.id) == created


def test_without_a_unit_an_account_is_created_in_the_only_organization(client, root):
    created = client.accounts.create(name="Web shop", type="standard")
    assert created.managed_by.parent_org_id == root.id


def test_an_account_can_stand_alone(client):
    created = client.accounts.create(name="Alone", type="enterprise", extra_body={"standalone": True})
    assert created.managed_by is None
    assert client.accounts.get(account_id=created.id) == created


def test_accounts_are_listed_page_by_page_until_an_empty_one(client, connector, root):
    created = [create(client, root, name=f"Shop {n}") for n in range(7)]
    listed = connector.items(client.accounts.list(per_page=3))
    assert [account.id for account in listed] == [account.id for account in created]
    first = client.accounts.list(per_page=3, page=1)
    assert (first.result_info.page, first.result_info.per_page) == (1, 3)
    assert client.accounts.list(per_page=3, page=4).result == []


def test_accounts_are_listed_by_name_and_in_either_direction(client, connector, root):
    first, second = create(client, root, name="First"), create(client, root, name="Second")
    assert [account.id for account in connector.items(client.accounts.list(direction="desc"))] == [second.id, first.id]
    assert [account.id for account in connector.items(client.accounts.list(name="first"))] == [first.id]


def test_update_sets_name_and_settings(client, root):
    created = create(client, root)
    settings = {"abuse_contact_email": "abuse@example.com", "enforce_twofactor": True}
    updated = client.accounts.update(account_id=created.id, id=created.id, name="Shop", type="standard", settings=settings)
    assert (updated.name, updated.settings.enforce_twofactor) == ("Shop", True)
    assert updated.settings.abuse_contact_email == "abuse@example.com"
    assert client.accounts.get(account_id=created.id) == updated


def test_delete_answers_the_id_and_the_account_is_gone(client, root):
    created = create(client, root)
    assert client.accounts.delete(account_id=created.id).id == created.id
    with pytest.raises(cloudflare.NotFoundError):
        client.accounts.get(account_id=created.id)


def test_an_account_of_somebody_else_is_not_found(client, connector, server, root):
    created = create(client, root)
    stranger = connector.with_token(server.new_person().api_token)
    for account_id in (created.id, UNKNOWN_ID):
        with pytest.raises(cloudflare.NotFoundError):
            stranger.accounts.get(account_id=account_id)


def test_account_creation_that_is_not_allowed_says_so_with_its_code(client, server, root):
    server.call("PUT", f"/organizations/{root.id}/flags", server.operator, json={"account_creation": "disabled"})
    with pytest.raises(cloudflare.PermissionDeniedError) as refused:
        create(client, root)
    assert refused.value.errors[0].code == 1002
    assert refused.value.errors[0].message == "Forbidden. Account creation is not allowed"


def test_accounts_are_moved_between_organizations(client, root):
    child = client.organizations.create(name="Child", parent={"id": root.id})
    account = create(client, root)
    moved = client.post(f"/accounts/{account.id}/move", body={"destination_organization_id": child.id}, cast_to=object)
    assert moved["result"] == {
        "account_id": account.id,
        "source_organization_id": root.id,
        "destination_organization_id": child.id,
    }
    above = client.get(f"/accounts/{account.id}/organizations", cast_to=object)["result"]
    assert [organization["id"] for organization in above] == [root.id, child.id]
    held = client.get(f"/organizations/{child.id}/accounts?name=WEB+SHOP", cast_to=object)
    assert ([one["id"] for one in held["result"]], held["result_info"]) == ([account.id], {"total_size": 1})
    assert client.organizations.list(containing={"account": account.id}).result == client.organizations.list().result


def test_an_accounts_profile_comes_back_byte_for_byte(client, root):
    account = create(client, root)
    with pytest.raises(cloudflare.NotFoundError):
        client.get(f"/accounts/{account.id}/profile", cast_to=object)
    client.put(f"/accounts/{account.id}/profile", body=PROFILE, cast_to=type(None))
    assert client.get(f"/accounts/{account.id}/profile", cast_to=object)["result"] == PROFILE
