"""Runs the official FOCUS validator on files that our writers wrote, and judges what it says.

usage: validate.py WRITE_SAMPLE UMBEL

WRITE_SAMPLE is a program that writes files; UMBEL serves usage and exports it. The validator is what is installed beside this Python. It exits with 0
whatever it finds, so its report is read: every rule must pass but the one that cannot.
"""

import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import focus_validator

import rules_1_3
import served

# What the sample has: rules about anything else are skipped.
CRITERIA = [
    "ACCOUNT_NAMING_SUPPORTED",
    "BILLING_BASED_ON_PROVISIONED_RESOURCES_SUPPORTED",
    "MULTIPLE_PRICING_CATEGORIES_SUPPORTED",
    "NEGOTIATED_PRICING_SUPPORTED",
    "PUBLIC_PRICE_LIST_SUPPORTED",
    "REGION_SUPPORTED",
    "RESOURCE_TYPE_ASSIGNMENT_SUPPORTED",
    "SUB_ACCOUNT_SUPPORTED",
    "TAGGING_SUPPORTED",
    "UNIT_PRICING_SUPPORTED",
    "USAGE_MEASUREMENT_SUPPORTED",
]
# What an export of usage has not.
NOT_SERVED = {"SUB_ACCOUNT_SUPPORTED", "TAGGING_SUPPORTED"}
# An invoice id "MUST be null when the charge is not associated with an invoice": the validator takes that for "must be null".
CANNOT_PASS = {"InvoiceId-C-004-C"}
# And "MUST NOT be null when it is" for "must not be null": of the two one always fails, the other one where there are no invoices.
CANNOT_PASS_SERVED = {"InvoiceId-C-005-C"}
# How many rules passed when this was written; with fewer something was skipped that should not be.
PASSED_MIN = {"1.2": 270, "1.3": 280}
PASSED_MIN_SERVED = {"1.2": 240, "1.3": 250}
DAYS = 31

RULES = Path(focus_validator.__file__).parent / "rules"
PROGRAM = Path(sys.executable).parent / "focus-validator"


def validate(folder: Path, version: str, file: Path, criteria: list[str]) -> tuple[int, set[str]]:
    """Runs the validator; returns how many rules passed, and the ids of those that failed."""
    command = [PROGRAM, "--data-file", file, "--validate-version", version, "--block-download", "--show-violations"]
    command += ["--applicability-criteria", ",".join(criteria)]
    if version == "1.3":
        command += ["--rule-set-path", "rules"]
    # Each run has a folder of its own: the validator writes a log into the folder where it runs, and looks for currencies there.
    place = folder / f"{version}-{file.name}"
    (place / "focus_validator").mkdir(parents=True)
    (place / "focus_validator" / "rules").symlink_to(RULES)
    (place / "rules").symlink_to(folder / "rules")
    run = subprocess.run(command, cwd=place, capture_output=True, text=True, timeout=300)
    total = re.search(r"Total: \d+ \| Pass: (\d+) \| Fail: (\d+)", run.stdout)
    if total is None:
        sys.exit(f"the validator did not say what it found:\n{run.stdout}\n{run.stderr}")
    failures = run.stdout.partition("--- Failures")[2]
    failed = set(re.findall(r"^- (\S+): ", failures, flags=re.MULTILINE))
    if len(failed) != int(total[2]):
        sys.exit(f"the validator counts {total[2]} failures and names {sorted(failed)}")
    return int(total[1]), failed


def spoil(good: Path, bad: Path):
    """Copies a file with one currency that is none."""
    content = good.read_bytes()
    assert b",EUR," in content
    bad.write_bytes(content.replace(b",EUR,", b",Euro,", 1))


def serve(umbel: str, folder: Path) -> list[tuple[str, Path, set[str]]]:
    """Exports what a real server has, in each version and format, with the rules that cannot pass; rows must add up to what the server
    says they cost."""
    files = []
    exports = {
        "days": (served.export_days, CANNOT_PASS_SERVED),
        "invoiced": (served.export_invoiced, CANNOT_PASS),
        "corrected": (served.export_corrected, CANNOT_PASS_SERVED),
    }
    with served.serving(umbel) as environment:
        for version in ["1.2", "1.3"]:
            for name, (export, cannot_pass) in exports.items():
                kinds = ["csv", "parquet"] if name == "days" else ["csv"]
                for file in [folder / f"{name}-{version}.{kind}" for kind in kinds]:
                    billed, costs = export(umbel, environment, version, file)
                    if Decimal(billed["USD"]) != sum(map(Decimal, costs)):
                        sys.exit(f"{file.name} adds up to {billed}, and the server says {costs}")
                    files.append((version, file, cannot_pass))
    return files


def main():
    [write_sample, umbel] = sys.argv[1:]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "rules").mkdir()
        rules_1_3.derive(RULES / "model-1.2.0.1.json", folder / "rules" / "model-1.3.0.json")
        jobs = []
        for version in ["1.2", "1.3"]:
            for kind in ["csv", "parquet"]:
                file = folder / f"sample-{version}.{kind}"
                subprocess.run([write_sample, kind, version, str(DAYS), file], check=True, stdout=subprocess.DEVNULL)
                jobs.append((version, file, (CANNOT_PASS, PASSED_MIN[version]), CRITERIA))
        own = [criterion for criterion in CRITERIA if criterion not in NOT_SERVED]
        for version, file, cannot_pass in serve(umbel, folder):
            jobs.append((version, file, (cannot_pass, PASSED_MIN_SERVED[version]), own))
        # A validator that finds nothing in what is wrong would prove nothing.
        small, bad = folder / "small.csv", folder / "bad.csv"
        subprocess.run([write_sample, "csv", "1.3", "1", small], check=True, stdout=subprocess.DEVNULL)
        spoil(small, bad)
        jobs.append(("1.3", bad, None, CRITERIA))

        with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            found = list(pool.map(lambda job: validate(folder, job[0], job[1], job[3]), jobs))
    verdict = 0
    for (version, file, expected, _), (passed, failed) in zip(jobs, found):
        if expected is None:
            good = any(rule.startswith("BillingCurrency-") for rule in failed)
        else:
            cannot_pass, passed_min = expected
            good = failed <= cannot_pass and passed >= passed_min
        verdict |= not good
        print(f"{'passed' if good else 'FAILED'}: {file.name} as FOCUS {version}: {passed} rules pass, these fail: {sorted(failed)}")
    sys.exit(verdict)


if __name__ == "__main__":
    main()
