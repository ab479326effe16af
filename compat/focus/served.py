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


def export(umbel, environment, version, file):
    """Writes a file of everything, which `umbel focus check` must find to conform; returns what is billed."""
    span = ["--from", DAYS[0], "--to", DAYS[-1]]
    command = [umbel, "focus", "export", ORGANIZATION, *span, "--focus-version", version, "--out", file]
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
    check = [umbel, "focus", "check", file, "--focus-version", version, "--json"]
    report = json.loads(subprocess.run(check, check=True, capture_output=True, text=True).stdout)
    costs = subprocess.run([umbel, "cost", ORGANIZATION, *span, "--by", "metric", "--json"], check=True, env=environment, capture_output=True, text=True)
    return report["billed_cost"], [cost["billed_cost"] for cost in json.loads(costs.stdout)]
