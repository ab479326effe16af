"""Pages by hand: the client does not follow `next_page_token` by itself."""

import cloudflare
import pytest


@pytest.fixture
def client(connector, company):
    return connector.with_token(company.owner.api_token)


def info(page):
    """`result_info`, which the client keeps without a type of its own."""
    return page.model_extra["result_info"]


def pages(client, **filters):
    """All pages, one request each."""
    page = client.organizations.list(**filters)
    yield page
    while token := info(page).get("next_page_token"):
        page = client.organizations.list(page_token=token, **filters)
        yield page


def test_pages_together_are_the_whole_list_in_its_order(client):
    sizes, seen = [], []
    for page in pages(client, page_size=2):
        sizes.append(len(page.result))
        seen += page.result
    assert sizes == [2, 2, 1]
    assert seen == client.organizations.list(page_size=1000).result


def test_every_page_tells_the_size_of_the_whole(client):
    assert [info(page)["total_size"] for page in pages(client, page_size=2)] == [5, 5, 5]


def test_the_total_counts_what_the_filters_leave(client):
    page = client.organizations.list(page_size=1, name={"contains": "retail"})
    assert len(page.result) == 1
    assert info(page)["total_size"] == 2


def test_a_filtered_list_is_paged_as_well(client):
    found = [one.name for page in pages(client, page_size=1, parent={"id": "null"}) for one in page.result]
    assert sorted(found) == ["100%_Solar", "Aurora", "BOREALIS"]


def test_the_last_page_has_no_token(client):
    assert "next_page_token" not in info(client.organizations.list())


def test_a_list_of_exactly_one_page_has_no_second(client):
    assert "next_page_token" not in info(client.organizations.list(page_size=5))


def test_page_size_may_change_between_pages(client):
    first = client.organizations.list(page_size=1)
    rest = client.organizations.list(page_size=10, page_token=info(first)["next_page_token"])
    assert len(rest.result) == 4


def test_ten_are_listed_by_default(connector, owner):
    client = connector.with_token(owner.api_token)
    for number in range(11):
        client.organizations.create(name=f"Root {number}")
    assert len(client.organizations.list().result) == 10
    assert len(client.organizations.list(page_size=0).result) == 10


def test_iterating_stops_after_the_first_page(client, connector):
    assert len(connector.items(client.organizations.list(page_size=2))) == 2


def refused_token(client, **arguments):
    with pytest.raises(cloudflare.BadRequestError) as refused:
        client.organizations.list(**arguments)
    assert refused.value.errors[0].source.pointer == "/query/page_token"


def test_a_token_that_nobody_gave_is_refused(client):
    refused_token(client, page_token="bm9ib2R5IGdhdmUgdGhpcw")


def test_a_tampered_token_is_refused(client):
    token = info(client.organizations.list(page_size=2))["next_page_token"]
    middle = len(token) // 2
    other = "B" if token[middle] == "A" else "A"
    refused_token(client, page_size=2, page_token=token[:middle] + other + token[middle + 1 :])


def test_a_token_belongs_to_its_filters(client):
    token = info(client.organizations.list(page_size=1, name={"contains": "retail"}))["next_page_token"]
    refused_token(client, page_size=1, page_token=token)


def test_a_token_belongs_to_its_user(client, connector, owner):
    token = info(client.organizations.list(page_size=2))["next_page_token"]
    refused_token(connector.with_token(owner.api_token), page_size=2, page_token=token)
