"""Every method of `client.organizations`."""

from datetime import UTC, datetime, timedelta

import cloudflare
import pytest

from clients import FLAGS, READS_TENANT_FLAGS, TENANT_FLAGS
from seed import ADA, HARBOUR, MERIDIAN

PROFILE = {
    "business_address": '{"line1":"1 Stalk Street","line2":"","country":"US"}',
    "business_email": "not an address, and nobody checks",
    "business_name": "Umbellifers Ltd",
    "business_phone": "+1 555 0100",
    "external_metadata": '{ "spaces" : "stay" }',
}


def test_a_created_organization_is_what_get_returns(client):
    created = client.organizations.create(name="Angelica")
    assert created.name == "Angelica"
    assert created.parent is None
    assert created.profile is None
    assert abs(created.create_time - datetime.now(UTC)) < timedelta(minutes=5)
    assert client.organizations.get(created.id) == created


def test_a_root_is_the_only_one_in_its_hierarchy(client):
    created = client.organizations.create(name="Angelica")
    assert created.meta.hierarchy_tags == [created.id]


def test_a_sub_organization_names_its_parent_and_its_way_from_the_root(client):
    root = client.organizations.create(name="Root")
    middle = client.organizations.create(name="Middle", parent={"id": root.id})
    leaf = client.organizations.create(name="Leaf", parent={"id": middle.id})
    assert (leaf.parent.id, leaf.parent.name) == (middle.id, "Middle")
    assert leaf.meta.hierarchy_tags == [root.id, middle.id, leaf.id]


def test_both_generations_of_the_client_find_their_flags(client):
    meta = client.organizations.create(name="Angelica").meta
    flags, names = (meta.tenant_flags, TENANT_FLAGS) if READS_TENANT_FLAGS else (meta.flags, FLAGS)
    assert {name: getattr(flags, name) for name in names} == dict.fromkeys(names, "enabled")


def test_a_profile_given_on_creation_comes_back_byte_for_byte(client):
    created = client.organizations.create(name="Angelica", profile=PROFILE)
    assert created.profile.to_dict() == PROFILE
    assert client.organizations.get(created.id).profile.to_dict() == PROFILE


def test_names_of_any_script_survive(client):
    name = "Ängelwurz 当归 🌿 \"quoted\" 'and' \\ %"
    created = client.organizations.create(name=name)
    assert created.name == name
    assert client.organizations.get(created.id).name == name


def test_update_renames_and_leaves_the_rest(client):
    root = client.organizations.create(name="Root")
    before = client.organizations.create(name="Before", parent={"id": root.id}, profile=PROFILE)
    after = client.organizations.update(before.id, name="After")
    assert after == before.model_copy(update={"name": "After"})
    assert client.organizations.get(before.id) == after


def test_update_sets_a_profile_that_is_sent(client):
    created = client.organizations.create(name="Angelica")
    assert client.organizations.update(created.id, name="Angelica", profile=PROFILE).profile.to_dict() == PROFILE


def test_update_keeps_the_profile_when_null_is_sent(client):
    created = client.organizations.create(name="Angelica", profile=PROFILE)
    updated = client.organizations.update(created.id, name="Angelica", extra_body={"profile": None})
    assert updated.profile.to_dict() == PROFILE


@pytest.mark.parametrize("named", ["itself", "its parent"])
def test_update_accepts_a_parent_that_changes_nothing(client, named):
    root = client.organizations.create(name="Root")
    leaf = client.organizations.create(name="Leaf", parent={"id": root.id})
    parent = leaf.id if named == "itself" else root.id
    assert client.organizations.update(leaf.id, name="Leaf", parent={"id": parent}) == leaf


def test_update_does_not_move(client):
    root = client.organizations.create(name="Root")
    other = client.organizations.create(name="Other")
    leaf = client.organizations.create(name="Leaf", parent={"id": root.id})
    with pytest.raises(cloudflare.BadRequestError) as refused:
        client.organizations.update(leaf.id, name="Leaf", parent={"id": other.id})
    assert refused.value.errors[0].source.pointer == "/parent/id"
    assert client.organizations.get(leaf.id) == leaf


def test_delete_answers_the_id_and_the_organization_is_gone(client):
    created = client.organizations.create(name="Angelica")
    assert client.organizations.delete(created.id).id == created.id
    with pytest.raises(cloudflare.NotFoundError):
        client.organizations.get(created.id)
    assert client.organizations.list().result == []


def test_list_shows_what_get_shows(client):
    root = client.organizations.create(name="Root")
    leaf = client.organizations.create(name="Leaf", parent={"id": root.id}, profile=PROFILE)
    assert sorted(client.organizations.list().result, key=lambda one: one.id) == sorted([root, leaf], key=lambda one: one.id)


def test_a_list_shows_only_what_the_caller_has_access_to(client, connector, server):
    client.organizations.create(name="Mine")
    stranger = connector.with_token(server.new_person().api_token)
    assert stranger.organizations.list().result == []


def test_imported_organizations_are_served_like_created_ones(connector):
    harbour = connector.with_key(*ADA).organizations.get(HARBOUR)
    assert harbour.name == "Meridian Harbour"
    assert harbour.parent.id == MERIDIAN
    assert harbour.meta.hierarchy_tags == [MERIDIAN, HARBOUR]
