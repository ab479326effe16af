"""Lets three engines sum a Parquet file that our writer wrote, and compares with what the writer was given, to the last digit.

usage: engines.py WRITE_SAMPLE
"""

import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from decimal import Decimal, getcontext
from pathlib import Path

import chdb
import datafusion
import duckdb

DAYS = 61
SUMS = 'count(*), sum("BilledCost"), sum("ListCost"), sum("ConsumedQuantity")'
METRIC = '"x_BillableMetricId"'
# The first and the last moment, in seconds since 1970.
SPAN = (int(datetime(2026, 10, 1, tzinfo=UTC).timestamp()), int(datetime(2026, 12, 1, tzinfo=UTC).timestamp()))


def query(source: str, seconds: str) -> str:
    """The rows are one a metric: its id, how many rows, what they add up to, first start and last end of their periods."""
    span = ", ".join(seconds.format(moment) for moment in ['min("ChargePeriodStart")', 'max("ChargePeriodEnd")'])
    return f"SELECT {METRIC}, {SUMS}, {span} FROM {source} WHERE {METRIC} IS NOT NULL GROUP BY {METRIC}"


def with_duckdb(file: Path):
    return duckdb.execute(query(f"'{file}'", "epoch_us({}) // 1000000")).fetchall()


def with_clickhouse(file: Path):
    # As text: a reader of numbers would make binary fractions of them.
    rows = chdb.query(query(f"file('{file}', Parquet)", "toUnixTimestamp({})"), "TabSeparated").data()
    return [row.split("\t") for row in rows.splitlines()]


def with_datafusion(file: Path):
    context = datafusion.SessionContext()
    context.register_parquet("charges", str(file))
    return [list(row.values()) for row in context.sql(query("charges", "to_unixtime({})")).to_pylist()]


def normal(rows) -> dict:
    """Rows by metric, the numbers exact."""
    return {row[0]: (*(Decimal(str(cell)) for cell in row[1:5]), *map(int, row[5:7])) for row in rows}


def main():
    [write_sample] = sys.argv[1:]
    getcontext().prec = 80
    verdict = 0
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "sample.parquet"
        run = subprocess.run([write_sample, "parquet", "1.3", str(DAYS), file], check=True, capture_output=True, text=True)
        written = [line.split(",") for line in run.stdout.splitlines()]
        expected = {metric: (*map(Decimal, sums), *SPAN) for metric, *sums in written if metric}
        assert len(expected) == 4
        for name, engine in [("DuckDB", with_duckdb), ("ClickHouse", with_clickhouse), ("DataFusion", with_datafusion)]:
            found = normal(engine(file))
            good = found == expected
            verdict |= not good
            print(f"{'passed' if good else 'FAILED'}: {name} sums {len(found)} metrics of {file.name}")
            if not good:
                print(f"  expected {expected}\n  found    {found}")
    sys.exit(verdict)


if __name__ == "__main__":
    main()
