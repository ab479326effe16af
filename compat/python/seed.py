"""The names of what seed.ndjson holds: a company with an administrator, a viewer and a managed user; and a long audit log for it."""

import json
from pathlib import Path

SEED = Path(__file__).with_name("seed.ndjson")

MERIDIAN = "0197a0000000700080000000000000a1"
HARBOUR = "0197a0000000700080000000000000a2"

ADA = ("ada@meridian.example", "compat-key-of-ada-0123456789abcdef0123")
VERA = ("vera@meridian.example", "compat-key-of-vera-0123456789abcdef012")
MONA_ID = "0197a0000000700080000000000000b3"

EXPIRED_TOKEN = "compat-expired-token-0123456789abcdef01"

# Well-formed, and never made by anybody.
UNKNOWN_ID = "0197a0000000700080000000000000ff"

HARBOUR_ENTRIES = 10_000

CRANE = "0197a0000000700080000000000000e1"
CRANE_ZONES = 100


def audit_entries():
    """The lines of the audit log of the harbour: one entry a minute since the beginning of 2025, nobody having come since."""
    for number in range(HARBOUR_ENTRIES):
        day, minute = divmod(number, 24 * 60)
        yield json.dumps(
            {
                "kind": "audit_entry",
                "id": f"harbour-{number:05}",
                "organization_id": HARBOUR,
                "action": {"type": "update", "result": "success", "time": f"2025-01-{day + 1:02}T{minute // 60:02}:{minute % 60:02}:00Z"},
                "actor": {"type": "user", "context": "dash", "email": ADA[0], "id": "0197a0000000700080000000000000b1"},
                "raw": {"method": "PUT", "status_code": 200, "uri": f"/berths/{number}"},
                "resource": {"id": f"berth-{number % 7}", "type": "berth", "product": "harbour"},
            }
        )


def usage():
    """The lines of what a crane of the harbour used in May 2025, in every zone on every day, with a price that is partly free."""
    yield {"kind": "account", "id": CRANE, "organization_id": HARBOUR, "name": "Crane"}
    yield {
        "kind": "metric",
        "id": "crane_lifts",
        "name": "Crane Lifts",
        "event_type": "harbour.lift",
        "aggregation": "sum",
        "value_property": "lifts",
        "unit": "Lifts",
        "service_name": "Cranes",
        "service_category": "Other",
    }
    price = {"kind": "price", "id": "crane-2025", "metric_id": "crane_lifts", "currency": "USD", "effective_from": "2025-01-01"}
    yield {**price, "list_unit_price": "0.000005", "free_quantity": "150000"}
    for day in range(1, 32):
        for zone in range(CRANE_ZONES):
            place = {"account_id": CRANE, "metric_id": "crane_lifts", "day": f"2025-05-{day:02}", "zone_id": f"quay-{zone:03}"}
            yield {"kind": "usage_daily", "quantity": "150000.000001", **place}


def write_seed(directory):
    """Writes all of it into a file there, ready to be imported, and returns its path."""
    lines = directory / "seed.ndjson"
    usage_lines = (json.dumps(line) for line in usage())
    lines.write_text(SEED.read_text() + "".join(f"{line}\n" for line in (*audit_entries(), *usage_lines)))
    return lines
