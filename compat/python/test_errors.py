"""Every refusal arrives as the exception that the client has for it, with a code, a message and, where one helps, a pointer."""

import cloudflare
import pytest

from seed import HARBOUR, MERIDIAN, UNKNOWN_ID, VERA


def refused(exception, call, *arguments, pointer=None, **options):
    """Calls and returns the exception, which must be final after one request and carry the whole envelope."""
    with pytest.raises(exception) as caught:
        call(*arguments, **options)
    error = caught.value
    assert error.request.headers["x-stainless-retry-count"] == "0"
    assert (error.body["success"], error.body["result"]) == (False, None)
    assert error.errors and all(one.code >= 1000 and one.message for one in error.errors)
    if pointer:
        assert pointer in [one.source.pointer for one in error.errors if one.source]
    return error


def test_an_unknown_organization_is_not_found(client):
    refused(cloudflare.NotFoundError, client.organizations.get, UNKNOWN_ID)
    refused(cloudflare.NotFoundError, client.organizations.update, UNKNOWN_ID, name="Any")
    refused(cloudflare.NotFoundError, client.organizations.delete, UNKNOWN_ID)


def test_an_organization_that_the_caller_may_not_see_is_not_found_either(client):
    hidden = refused(cloudflare.NotFoundError, client.organizations.get, MERIDIAN)
    unknown = refused(cloudflare.NotFoundError, client.organizations.get, UNKNOWN_ID)
    assert hidden.response.text.replace(MERIDIAN, "ID") == unknown.response.text.replace(UNKNOWN_ID, "ID")
    refused(cloudflare.NotFoundError, client.organizations.update, MERIDIAN, name="Mine now")
    refused(cloudflare.NotFoundError, client.organizations.delete, MERIDIAN)


@pytest.mark.parametrize("parent", [UNKNOWN_ID, MERIDIAN], ids=["unknown", "hidden"])
def test_a_parent_that_the_caller_cannot_see_is_not_found(client, parent):
    refused(cloudflare.NotFoundError, client.organizations.create, name="Leaf", parent={"id": parent}, pointer="/parent/id")


def test_a_viewer_sees_and_may_change_nothing(connector):
    vera = connector.with_key(*VERA)
    assert vera.organizations.get(HARBOUR).name == "Meridian Harbour"
    refused(cloudflare.PermissionDeniedError, vera.organizations.update, HARBOUR, name="Harbour of Vera")
    refused(cloudflare.PermissionDeniedError, vera.organizations.create, name="Pier", parent={"id": HARBOUR})
    refused(cloudflare.PermissionDeniedError, vera.organizations.delete, HARBOUR)
    assert vera.organizations.get(HARBOUR).name == "Meridian Harbour"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"name": "x" * 256}, "/name"),
        ({"name": "bell\u0007"}, "/name"),
        ({"name": None}, "/name"),
        ({"name": 7}, "/name"),
        ({"name": "Angelica", "parent": {}}, "/parent/id"),
        ({"name": "Angelica", "parent": "root"}, "/parent"),
        ({"name": "Angelica", "profile": {}}, "/profile/business_name"),
    ],
)
def test_a_bad_body_is_refused_with_the_place_of_the_fault(client, body, pointer):
    refused(cloudflare.BadRequestError, client.organizations.create, pointer=pointer, **body)
    assert client.organizations.list().result == []


@pytest.mark.parametrize("page_size", [-1, 1001, "many"])
def test_a_bad_page_size_is_refused(client, page_size):
    refused(cloudflare.BadRequestError, client.organizations.list, page_size=page_size, pointer="/query/page_size")


def test_an_id_of_other_signs_is_refused(client):
    refused(cloudflare.BadRequestError, client.organizations.get, "not an id!")


def test_deleting_an_organization_that_is_not_empty_is_a_conflict_and_not_tried_again(client):
    root = client.organizations.create(name="Root")
    leaf = client.organizations.create(name="Leaf", parent={"id": root.id})
    error = refused(cloudflare.ConflictError, client.organizations.delete, root.id)
    assert error.response.headers["x-should-retry"] == "false"
    client.organizations.delete(leaf.id)
    assert client.organizations.delete(root.id).id == root.id


def test_a_stale_etag_refuses_the_update(client):
    created = client.organizations.create(name="Angelica")
    etag = client.organizations.with_raw_response.get(created.id).headers["etag"]
    client.organizations.update(created.id, name="Second", extra_headers={"If-Match": etag})
    error = refused(
        cloudflare.APIStatusError, client.organizations.update, created.id, name="Third", extra_headers={"If-Match": etag}
    )
    assert error.status_code == 412
    assert client.organizations.get(created.id).name == "Second"


def test_an_unknown_route_is_not_found(client):
    error = refused(cloudflare.NotFoundError, client.get, "/no/such/route", cast_to=object)
    assert {one.code for one in error.errors} == {7000, 7003}


def test_every_answer_carries_its_ray_id(client):
    error = refused(cloudflare.NotFoundError, client.organizations.get, UNKNOWN_ID)
    assert len(error.response.headers["cf-ray"]) == 16
