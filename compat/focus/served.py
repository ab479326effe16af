"""A real server with a month of usage, and what `umbel focus export` writes of it."""

import contextlib
import json
import os
import subprocess
import tempfile
from pathlib import Path

LISTENING = "listening on "
ORGANIZATION = "acme"
# One account pays what was negotiated; some usage is free, some crosses a tier, and some has a zone and a region.
ACCOUNTS = {"a-shop": "eu", "a-magazine": "eu", "a-lab": "us", "a-till": "shop"}
METRICS = {
    "requests": ("Requests", "1000 Requests", "1000", "Workers", "Compute", "Serverless Compute"),
    "egress": ("GB", "GB", "1", "Delivery", "Networking", "Content Delivery"),
    "storage": ("GB-Days", "GB-Days", "1", "Storage", "Storage", "Object Storage"),
}
DAYS = [f"2026-01-{day:02}" for day in range(1, 32)]
# A month that is closed, with invoices, and what came late of it, which is invoiced with the next one.
CLOSED, OPEN = "2025-12", "2026-01"


def lines():
    """What is imported."""
    yield {"kind": "organization", "id": ORGANIZATION, "name": "Acme"}
    for id, parent in [("eu", ORGANIZATION), ("us", ORGANIZATION), ("shop", "eu")]:
        yield {"kind": "organization", "id": id, "parent_id": parent, "name": id}
    for id, organization in ACCOUNTS.items():
        yield {"kind": "account", "id": id, "organization_id": organization, "name": f"Account, \"{id}\""}
    for id, (unit, pricing_unit, block, service, category, subcategory) in METRICS.items():
        yield {
            "kind": "metric", "id": id, "name": id.title(), "event_type": f"com.example.{id}", "aggregation": "sum", "value_property": "value",
            "unit": unit, "pricing_unit": pricing_unit, "pricing_block_size": block, "service_name": service, "service_category": category,
            "service_subcategory": subcategory,
        }
    price = {"kind": "price", "currency": "USD", "effective_from": "2025-01-01"}
    tiers = [{"up_to": "400000", "list_unit_price": "0.0045"}, {"list_unit_price": "0.003125"}]
    yield price | {"id": "requests-1", "metric_id": "requests", "list_unit_price": "0.0045", "free_quantity": "100000", "tiers": tiers}
    yield price | {"id": "egress-1", "metric_id": "egress", "list_unit_price": "0.0875", "free_quantity": "10"}
    yield price | {"id": "storage-1", "metric_id": "storage", "list_unit_price": "0.000756"}
    negotiated = {"organization_id": "us", "contracted_unit_price": "0.06125"}
    yield price | negotiated | {"id": "egress-us", "metric_id": "egress", "list_unit_price": "0.0875"}
    for number, account in enumerate(ACCOUNTS, 1):
        for at, day in enumerate(DAYS):
            used = {"kind": "usage_daily", "account_id": account, "day": day}
            yield used | {"metric_id": "requests", "quantity": str(number * 9_000 + at * 731)}
            spot = {"zone_id": "z-1", "zone_name": "example.com", "region_id": "EEUR", "region_name": "Eastern Europe"}
            yield used | spot | {"metric_id": "egress", "quantity": f"{number}.{at:03}251"}
            yield used | {"metric_id": "storage", "quantity": f"{number * 40 + at}.5"}
        used = {"kind": "usage_daily", "account_id": account, "day": f"{CLOSED}-30", "metric_id": "egress"}
        yield used | {"quantity": f"{number * 17}.123456"}
        yield used | {"quantity": f"{number - 2}.5", "billing_period": OPEN}
    yield {"kind": "billing_period", "organization_id": ORGANIZATION, "billing_period": CLOSED, "state": "closing", "close_time": "2026-01-02T03:04:05Z"}


@contextlib.contextmanager
def serving(umbel):
    """Serves all of it; gives the environment in which the program asks the server."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = f"sqlite:{folder / 'umbel.db'}"

        def run(*arguments):
            return subprocess.run([umbel, *arguments, "--database", database], check=True, capture_output=True, text=True).stdout

        first = json.loads(run("bootstrap", "--email", "olga@example.com", "--name", "Olga", "--json"))
        (folder / "lines").write_text("".join(json.dumps(line) + "\n" for line in lines()))
        run("import", folder / "lines")
        command = [umbel, "serve", "--listen", "127.0.0.1:0", "--log-level", "warn", "--database", database]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            line = server.stdout.readline()
            if not line.startswith(LISTENING):
                raise SystemExit("the server did not start")
            yield os.environ | {"UMBEL_URL": line.removeprefix(LISTENING).strip(), "UMBEL_TOKEN": first["api_token"]}
        finally:
            server.terminate()
            server.wait()


def ask(umbel, environment, *arguments):
    """What the program answers."""
    answer = subprocess.run([umbel, *arguments, "--json"], check=True, env=environment, capture_output=True, text=True)
    return json.loads(answer.stdout)


def export(umbel, environment, version, file, *span):
    """Writes a file, which `umbel focus check` must find to conform; returns what is billed in it."""
    command = [umbel, "focus", "export", ORGANIZATION, *span, "--focus-version", version, "--out", file]
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
    return ask(umbel, environment, "focus", "check", file, "--focus-version", version)["billed_cost"]


def export_days(umbel, environment, version, file):
    """Writes a file of the month by its days; returns what is billed, and what that is to the server."""
    span = ["--from", DAYS[0], "--to", DAYS[-1]]
    billed = export(umbel, environment, version, file, *span)
    return billed, [cost["billed_cost"] for cost in ask(umbel, environment, "cost", ORGANIZATION, *span, "--by", "metric")]


def export_invoiced(umbel, environment, version, file):
    """The same of everything on the invoices of the month that is closed, and the totals of these."""
    ask(umbel, environment, "billing", "close", ORGANIZATION, CLOSED)
    billed = export(umbel, environment, version, file, "--billing-period", CLOSED)
    assert "Adjustment" in file.read_text()
    return billed, [invoice["total"] for invoice in ask(umbel, environment, "billing", "invoices", ORGANIZATION, CLOSED)]


def export_corrected(umbel, environment, version, file):
    """The same of what the next month has to invoice: what was used in it, and what is corrected of the one before."""
    billed = export(umbel, environment, version, file, "--billing-period", OPEN)
    assert "Correction" in file.read_text()
    span = ["--from", DAYS[0], "--to", DAYS[-1]]
    costs = [cost["billed_cost"] for cost in ask(umbel, environment, "cost", ORGANIZATION, *span, "--by", "metric")]
    # -1.5, 0.5 and 2.5 GB at 0.0875, and 1.5 at what was negotiated: all of it behind the free ones.
    return billed, [*costs, "0.13125", "0.091875"]
