"""Every filter of the list; several filters must all hold."""

import pytest

from seed import ADA, HARBOUR, MERIDIAN, MONA_ID, UNKNOWN_ID


@pytest.fixture
def client(connector, company):
    return connector.with_token(company.owner.api_token)


def names(client, **filters):
    return sorted(organization.name for organization in client.organizations.list(**filters).result)


def test_without_a_filter_everything_is_listed(client):
    assert names(client) == ["100%_Solar", "Aurora", "Aurora Retail", "BOREALIS", "Retail North"]


def test_id_can_be_repeated(client, company):
    assert names(client, id=[company.aurora.id, company.solar.id]) == ["100%_Solar", "Aurora"]


def test_an_unknown_id_matches_nothing(client, company):
    assert names(client, id=[UNKNOWN_ID]) == []
    assert names(client, id=[UNKNOWN_ID, company.aurora.id]) == ["Aurora"]


def test_an_id_that_the_caller_may_not_see_matches_nothing(client):
    assert names(client, id=[MERIDIAN]) == []


@pytest.mark.parametrize(
    ("asked", "found"),
    [("aurora", ["Aurora", "Aurora Retail"]), ("AURORA R", ["Aurora Retail"]), ("urora", []), ("100%", ["100%_Solar"])],
)
def test_name_starts_with_ignores_case(client, asked, found):
    assert names(client, name={"starts_with": asked}) == found


@pytest.mark.parametrize(("asked", "found"), [("realis", ["BOREALIS"]), ("RETAIL", ["Aurora Retail"]), ("retai", [])])
def test_name_ends_with_ignores_case(client, asked, found):
    assert names(client, name={"ends_with": asked}) == found


@pytest.mark.parametrize(("asked", "found"), [("ORE", ["BOREALIS"]), ("retail", ["Aurora Retail", "Retail North"]), ("x", [])])
def test_name_contains_ignores_case(client, asked, found):
    assert names(client, name={"contains": asked}) == found


@pytest.mark.parametrize(("asked", "found"), [("%", ["100%_Solar"]), ("_", ["100%_Solar"]), ("\\", []), ("a%a", [])])
def test_signs_of_patterns_are_plain_text(client, asked, found):
    assert names(client, name={"contains": asked}) == found


@pytest.mark.parametrize(("asked", "found"), [("BOREALIS", ["BOREALIS"]), ("Borealis", []), ("Aurora", ["Aurora"])])
def test_name_alone_is_equality_with_case(client, asked, found):
    assert names(client, extra_query={"name": asked}) == found


def test_parent_id_lists_direct_children(client, company):
    assert names(client, parent={"id": company.aurora.id}) == ["Aurora Retail"]
    assert names(client, parent={"id": company.north.id}) == []


def test_parent_id_null_lists_roots(client):
    assert names(client, parent={"id": "null"}) == ["100%_Solar", "Aurora", "BOREALIS"]


def test_containing_organization_lists_everything_above_it_and_not_itself(client, company):
    assert names(client, containing={"organization": company.north.id}) == ["Aurora", "Aurora Retail"]
    assert names(client, containing={"organization": company.aurora.id}) == []


def test_containing_user_lists_who_manages_them_and_everything_above(connector, client):
    ada = connector.with_key(*ADA)
    assert {one.id for one in ada.organizations.list(containing={"user": MONA_ID}).result} == {MERIDIAN, HARBOUR}
    assert names(client, containing={"user": MONA_ID}) == []


def test_a_member_who_is_not_managed_is_contained_nowhere(client, company):
    assert names(client, containing={"user": company.owner.id}) == []


def test_an_unknown_account_is_contained_nowhere(client):
    assert names(client, containing={"account": UNKNOWN_ID}) == []


def test_all_filters_must_hold(client, company):
    assert names(client, name={"starts_with": "aurora", "ends_with": "retail"}) == ["Aurora Retail"]
    assert names(client, name={"contains": "aurora"}, parent={"id": "null"}) == ["Aurora"]
    assert names(client, id=[company.north.id], name={"contains": "aurora"}) == []
