"""Billable usage, by the method that the client has for it."""

import json
from datetime import datetime, timezone
from decimal import Decimal

import cloudflare
import pytest

from clients import Connector
from seed import ADA, CRANE, CRANE_ZONES, HARBOUR, MERIDIAN, SEED, UNKNOWN_ID, VERA, usage
from server import running

MAY = {"from_": "2025-05-01", "to": "2025-05-31"}

DREDGER = "0197a0000000700080000000000000e2"
DREDGER_ZONES = 3_226


@pytest.fixture
def ada(connector):
    return connector.with_key(*ADA)


def test_a_record_has_every_member_that_the_client_knows(ada):
    records = ada.organizations.billing.usage.get(HARBOUR, **MAY)
    assert len(records) == 31 * CRANE_ZONES
    first, second = records[:2]
    assert (first.billing_account_id, first.billing_account_name) == (CRANE, "Crane")
    assert (first.charge_category, first.charge_frequency) == ("Usage", "Usage-Based")
    assert first.charge_description == "Crane Lifts — daily usage"
    assert first.charge_period_start == datetime(2025, 5, 1, tzinfo=timezone.utc)
    assert first.charge_period_end == datetime(2025, 5, 2, tzinfo=timezone.utc)
    assert first.billing_period_start == datetime(2025, 5, 1, tzinfo=timezone.utc)
    assert first.billing_period_end == datetime(2025, 6, 1, tzinfo=timezone.utc)
    assert (first.consumed_unit, first.pricing_unit, first.billing_currency) == ("Lifts", "Lifts", "USD")
    assert (first.service_provider_name, first.host_provider_name, first.invoice_issuer_name) == ("Umbel",) * 3
    assert (first.x_billable_metric_id, first.x_billable_metric_name) == ("crane_lifts", "Crane Lifts")
    assert (first.x_product_family_name, first.x_zone_id, first.region_id) == ("Cranes", "quay-000", None)
    assert first.charge_class is None
    prices = (first.list_unit_price, first.contracted_unit_price)
    assert prices == (0.000005, 0.000005)
    # What exceeds the free quantity is the first millionth of a lift.
    costs = [(record.list_cost, record.contracted_cost, record.billed_cost, record.effective_cost) for record in (first, second)]
    assert [tuple(Decimal(repr(cost)) for cost in of) for of in costs] == [
        (Decimal("0.750000000005"), Decimal("0.750000000005"), Decimal("5E-12"), Decimal("5E-12")),
        (Decimal("0.750000000005"),) * 4,
    ]


def test_the_whole_subtree_is_there_and_what_cannot_be_seen_is_an_empty_list(ada, client):
    assert len(ada.organizations.billing.usage.get(MERIDIAN, from_="2025-05-31", to="2025-05-31")) == CRANE_ZONES
    assert ada.organizations.billing.usage.get(HARBOUR) == []
    for unknown in (HARBOUR, UNKNOWN_ID):
        assert client.organizations.billing.usage.get(unknown, **MAY) == []


def test_thirty_two_days_half_a_window_and_no_right_are_errors(connector, ada):
    for window in ({"from_": "2025-05-01", "to": "2025-06-01"}, {"from_": "2025-05-01"}, {"to": "2025-05-01"}):
        with pytest.raises(cloudflare.BadRequestError):
            ada.organizations.billing.usage.get(HARBOUR, **window)
    with pytest.raises(cloudflare.PermissionDeniedError):
        connector.with_key(*VERA).organizations.billing.usage.get(HARBOUR)


def dredging():
    """The lines of an account that used something in very many zones, on every day of March 2025."""
    yield from (line for line in usage() if line["kind"] in ("metric", "price"))
    yield {"kind": "account", "id": DREDGER, "organization_id": MERIDIAN, "name": "Dredger"}
    for day in range(1, 32):
        for zone in range(DREDGER_ZONES):
            place = {"account_id": DREDGER, "metric_id": "crane_lifts", "day": f"2025-03-{day:02}", "zone_id": f"reach-{zone:04}"}
            yield {"kind": "usage_daily", "quantity": str(day * zone), **place}


@pytest.mark.skipif(cloudflare.__version__.startswith("5.3."), reason="it takes long, and the newest client does it as well")
def test_a_hundred_thousand_records_are_parsed(request, tmp_path):
    seed = tmp_path / "seed.ndjson"
    seed.write_text(SEED.read_text() + "".join(f"{json.dumps(line)}\n" for line in dredging()))
    with running(request.config.getoption("--engine"), tmp_path, seed) as server:
        connector = Connector("sync", server.url)
        records = connector.with_key(*ADA).organizations.billing.usage.get(MERIDIAN, from_="2025-03-01", to="2025-03-31")
        connector.close()
    assert len(records) == 31 * DREDGER_ZONES > 100_000
    assert {record.billing_account_id for record in records} == {DREDGER}
    assert len({(record.charge_period_start, record.x_zone_id) for record in records}) == len(records)
    assert sum(record.consumed_quantity for record in records) == sum(range(32)) * sum(range(DREDGER_ZONES))
