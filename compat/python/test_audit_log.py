"""The audit log, by the methods that the client has for it."""

import time
from datetime import datetime, timedelta, timezone
from io import BytesIO

import cloudflare
import httpx
import pytest

from seed import ADA, HARBOUR, HARBOUR_ENTRIES
from verify_bundle import Refused, parse_key, verify

DAY = timedelta(days=1)


def span():
    now = datetime.now(timezone.utc)
    return {"since": now - DAY, "before": now + DAY}


@pytest.fixture
def every(connector, client, changed):
    """Asks for the log of `changed` and takes what the client's own iteration yields."""
    return lambda **asked: connector.items(client.organizations.logs.audit.list(changed.id, **{**span(), **asked}))


@pytest.fixture
def changed(client):
    """An organization with a history: created, renamed three times, and given a profile."""
    organization = client.organizations.create(name="First")
    for name in ("Second", "Third", "Fourth"):
        client.organizations.update(organization.id, name=name)
    return organization


def test_an_entry_has_every_part_that_the_client_knows(client, changed, owner):
    page = client.organizations.logs.audit.list(changed.id, **span())
    newest = page.result[0]
    assert (newest.action.type, newest.action.result, newest.action.description) == ("update", "success", "Update Organization")
    assert isinstance(newest.action.time, datetime)
    assert (newest.actor.email, newest.actor.type, newest.actor.context) == (owner.email, "user", "api_token")
    assert newest.organization.id == changed.id
    assert (newest.raw.method, newest.raw.status_code) == ("PUT", 200)
    assert newest.raw.uri.endswith(f"/organizations/{changed.id}")
    assert len(newest.raw.cf_rayid) == 16
    assert (newest.resource.id, newest.resource.type, newest.resource.product) == (changed.id, "organization", "organizations")
    assert newest.resource.scope == "organizations"
    assert newest.resource.request == {"name": "Fourth"}
    assert newest.resource.response["result"]["name"] == "Fourth"
    assert page.result_info.cursors is None or not page.result_info.cursors.after


def test_the_client_pages_to_the_end_by_itself(every):
    entries = every(limit=1)
    assert len(entries) == len({entry.id for entry in entries}) == 4
    assert [entry.action.type for entry in entries] == ["update"] * 3 + ["create"]
    times = [entry.action.time for entry in entries]
    assert times == sorted(times, reverse=True)
    oldest_first = every(limit=3, direction="asc")
    assert [entry.id for entry in oldest_first] == [entry.id for entry in reversed(entries)]


def test_a_date_and_a_time_without_a_zone_are_taken_in_utc(every):
    now = datetime.now(timezone.utc)
    dates = {"since": (now - DAY).strftime("%Y-%m-%d"), "before": (now + DAY + DAY).strftime("%Y-%m-%d")}
    naive = {"since": (now - DAY).replace(tzinfo=None), "before": (now + DAY).replace(tzinfo=None)}
    for given in (dates, naive):
        assert len(every(**given)) == 4


EXCLUDING = [
    ("action_result", "success"),
    ("action_type", "update"),
    ("actor_context", "api_token"),
    ("actor_email", None),
    ("actor_id", None),
    ("actor_ip_address", None),
    ("actor_token_id", None),
    ("actor_token_name", None),
    ("actor_type", "user"),
    ("id", None),
    ("raw_cf_rayid", None),
    ("raw_method", "PUT"),
    ("raw_status_code", 200),
    ("raw_uri", None),
    ("resource_id", None),
    ("resource_product", "organizations"),
    ("resource_scope", "organizations"),
    ("resource_type", "organization"),
]


def value_of(entry, name):
    part, _, member = name.partition("_")
    return entry.id if name == "id" else getattr(getattr(entry, part), member)


@pytest.mark.parametrize("name, value", EXCLUDING)
def test_each_filter_leaves_out_what_it_names(every, name, value):
    everything = every()
    value = value or value_of(everything[0], name)
    left = every(**{name: {"not": [value]}})
    assert [entry.id for entry in left] == [entry.id for entry in everything if value_of(entry, name) != value]
    wire = {"raw_cf_rayid": "raw_cf_ray_id"}.get(name, name)
    kept = every(extra_query={wire: [value]})
    assert {entry.id for entry in kept} | {entry.id for entry in left} == {entry.id for entry in everything}
    assert all(value_of(entry, name) == value for entry in kept)


def test_the_history_of_an_entry_is_that_of_its_resource(client, changed):
    if cloudflare.__version__ == "5.3.0":
        pytest.skip("this client has no histories")
    newest = client.organizations.logs.audit.list(changed.id, **span()).result[0]
    history = client.organizations.logs.audit.history(
        newest.id, organization_id=changed.id, action_time=newest.action.time, **span()
    )
    assert len(history) == 4
    with pytest.raises(cloudflare.NotFoundError):
        client.organizations.logs.audit.history(
            "f174be97-19b1-40d6-954d-70cd5fbd52db", organization_id=changed.id, action_time=newest.action.time, **span()
        )


def test_the_log_of_an_account_is_read_like_that_of_an_organization(connector, client, changed):
    account = client.accounts.create(name="Web", type="standard", unit={"id": changed.id})
    client.accounts.update(account_id=account.id, id=account.id, name="Shop", type="standard")
    entries = connector.items(client.accounts.logs.audit.list(account_id=account.id, limit=1, **span()))
    assert [entry.action.description for entry in entries] == ["Update Account", "Create Account"]
    assert {entry.account.id for entry in entries} == {account.id}

    def left(**excluding):
        return [entry.id for entry in connector.items(client.accounts.logs.audit.list(account_id=account.id, **excluding, **span()))]

    newest, oldest = (entry.id for entry in entries)
    assert left(account_name={"not": ["Shop"]}) == []
    assert left(account_name={"not": ["Web"]}, zone_name={"not": ["example.com"]}) == [newest, oldest]
    assert left(audit_log_id={"not": [newest]}, resource_scope={"not": ["zones"]}) == [oldest]


def test_what_cannot_be_asked_is_a_bad_request(client, changed):
    now = datetime.now(timezone.utc)
    audit = client.organizations.logs.audit
    for wrong in (
        {"since": now, "before": now - DAY},
        {**span(), "limit": 0},
        {**span(), "cursor": "forged"},
        {**span(), "action_type": {"not": ["destroy"]}},
    ):
        with pytest.raises(cloudflare.BadRequestError) as refused:
            audit.list(changed.id, **wrong)
        assert refused.value.errors[0].source.pointer.startswith("/query/")


def test_who_sees_the_organization_but_may_not_read_its_log_is_told_so(connector, server, changed):
    stranger = connector.with_token(server.new_person().api_token)
    with pytest.raises(cloudflare.NotFoundError):
        stranger.organizations.logs.audit.list(changed.id, **span())


def test_ten_thousand_entries_are_read_to_the_end(connector, server):
    client = connector.with_key(*ADA)
    asked = client.organizations.logs.audit.list(HARBOUR, since="2025-01-01", before="2025-02-01", limit=1000)
    entries = connector.items(asked)
    assert [entry.id for entry in entries] == [f"harbour-{number:05}" for number in reversed(range(HARBOUR_ENTRIES))]


def test_the_other_verifier_accepts_a_bundle_of_the_server_and_refuses_a_changed_one(server, owner, changed):
    """The worker that grows the tree comes behind the log."""
    log = f"{server.url}/umbel/v1/organizations/{changed.id}/logs/audit"
    ask = {"headers": {"Authorization": f"Bearer {owner.api_token}"}, "timeout": 30}
    deadline = time.monotonic() + 30
    while (checkpoint := httpx.get(f"{log}/checkpoint", **ask).json()["result"])["size"] < 4:
        assert time.monotonic() < deadline, checkpoint
        time.sleep(0.1)
    key, bundle = parse_key(checkpoint["verifier_key"]), httpx.get(f"{log}/bundle", **ask).content
    verified = verify(BytesIO(bundle), key, None)
    assert verified.signed and verified.leaves == verified.checkpoint.size >= 4
    assert b"Update Organization" in bundle
    with pytest.raises(Refused):
        verify(BytesIO(bundle.replace(b"Update Organization", b"Delete Organization", 1)), key, None)
