"""A store that speaks S3 takes what Umbel writes to buckets: the stream of an audit log, and FOCUS files.

The store verifies signatures and what a key may do. Umbel runs under compat/python/with_server.py, which says where it is.
"""

import json
import os
import subprocess
import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import boto3
import httpx
import pytest
from moto.server import ThreadedMotoServer

REGION = "eu-central-1"
HARBOUR = "0197a0000000700080000000000000a2"
CRANE = "0197a0000000700080000000000000e1"
PATIENCE_S = 30
# A file of a day with so many rows is larger than the 5 MiB that every part of an object has but the last.
ROWS = 8_000
BATCH = 1_000


@pytest.fixture(scope="session")
def store():
    """A store with two buckets; a key that may write there and read what it wrote, and one that may only read."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"

    def client(service, id="anybody", secret="anything"):
        return boto3.client(service, endpoint_url=url, region_name=REGION, aws_access_key_id=id, aws_secret_access_key=secret)

    iam, s3 = client("iam"), client("s3")
    for bucket in ["logs", "lake"]:
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})

    def key(user, *actions):
        statement = {"Effect": "Allow", "Action": [f"s3:{action}" for action in actions], "Resource": "*"}
        iam.create_user(UserName=user)
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.put_user_policy(UserName=user, PolicyName="buckets", PolicyDocument=policy)
        made = iam.create_access_key(UserName=user)["AccessKey"]
        return made["AccessKeyId"], made["SecretAccessKey"]

    writing, reading = key("umbel", "PutObject", "GetObject"), key("reader", "GetObject", "ListBucket")
    # Up to here nobody was asked who they are.
    httpx.post(f"{url}/moto-api/reset-auth", content="0").raise_for_status()
    yield SimpleNamespace(url=url, writing=writing, reading=reading, s3=client("s3", *reading))
    server.stop()


def objects(store, bucket, prefix=""):
    """What a bucket has, by name."""
    pages = store.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    names = [found["Key"] for page in pages for found in page.get("Contents", [])]
    return {name: store.s3.get_object(Bucket=bucket, Key=name)["Body"].read() for name in names}


@pytest.fixture(scope="session")
def umbel():
    """Calls Umbel as its operator: a path below the address gives the answer."""
    headers = {"x-auth-email": os.environ["UMBEL_COMPAT_EMAIL"], "x-auth-key": os.environ["UMBEL_COMPAT_KEY"]}
    with httpx.Client(base_url=os.environ["UMBEL_COMPAT_URL"], headers=headers, timeout=PATIENCE_S) as client:

        def call(method, path, **arguments):
            return client.request(method, path, **arguments).raise_for_status()

        yield call


def stream(umbel, store, bucket, key, enabled):
    """Has the audit log of an organization of its own go to a bucket; returns the organization and the path of the stream."""
    organization = umbel("POST", "/organizations", json={"name": "Lighthouse"}).json()["result"]["id"]
    streams = f"/umbel/v1/organizations/{organization}/logs/audit/streams"
    key = {"access_key_id": key[0], "secret_access_key": key[1]}
    body = {"name": "lake", "url": f"s3://{bucket}/audit/{organization}", "endpoint": store.url, "region": REGION, "enabled": enabled, **key}
    made = umbel("POST", streams, json=body).json()["result"]
    return organization, f"{streams}/{made['id']}"


def status(umbel, path, is_reached):
    """The state of a stream, once it is as it should be."""
    end = time.monotonic() + PATIENCE_S
    while not is_reached(state := umbel("GET", f"{path}/status").json()["result"]):
        assert time.monotonic() < end, state
        time.sleep(0.05)
    return state


def test_a_stream_writes_what_an_export_would(umbel, store):
    organization, path = stream(umbel, store, "logs", store.writing, enabled=False)
    for number in range(150):
        umbel("PUT", f"/organizations/{organization}", json={"name": f"Lighthouse {number}"})
    # It may begin with what was written in the second before, the organization.
    status(umbel, path, lambda state: state["behind"] >= 151)
    umbel("PATCH", path, json={"enabled": True})
    delivered = status(umbel, path, lambda state: state["delivered"] > 0)["delivered"]
    ((name, lines),) = objects(store, "logs", f"audit/{organization}/").items()
    assert name.endswith(".ndjson")
    span = {"since": "2026-01-01", "before": "2100-01-01", "direction": "asc"}
    exported = umbel("GET", f"/umbel/v1/organizations/{organization}/logs/audit/export", params=span).content
    assert lines.count(b"\n") == delivered >= 151
    assert lines in exported


@pytest.mark.parametrize(
    ("bucket", "wrong", "said"),
    [
        ("logs", lambda store: (store.writing[0], "of-somebody-else"), "the key may not write there"),
        ("logs", lambda store: ("unknown", store.writing[1]), "the key may not write there"),
        ("logs", lambda store: store.reading, "the key may not write there"),
        ("pond", lambda store: store.writing, "the bucket was not found"),
    ],
    ids=["wrong secret", "unknown key", "a key that may only read", "no such bucket"],
)
def test_a_stream_says_why_nothing_is_written(umbel, store, bucket, wrong, said):
    _, path = stream(umbel, store, bucket, wrong(store), enabled=True)
    state = status(umbel, path, lambda state: state["failures"] > 0)
    assert (state["error"], state["delivered"]) == (said, 0)


def test_focus_files_are_the_same_in_a_bucket_as_in_a_folder(umbel, store, tmp_path):
    day = datetime.now(UTC).date() - timedelta(days=2)
    for first in range(0, ROWS, BATCH):
        events = [
            {
                "specversion": "1.0",
                "id": f"lift-{number}",
                "source": "/quays",
                "type": "harbour.lift",
                "subject": CRANE,
                "time": f"{day}T12:00:00Z",
                "data": {"lifts": number, "zone_id": f"pier-{number:05}"},
            }
            for number in range(first, first + BATCH)
        ]
        headers = {"content-type": "application/cloudevents-batch+json"}
        counted = umbel("POST", "/umbel/v1/usage/events", headers=headers, content=json.dumps(events)).json()["result"]
        assert {answer["status"] for answer in counted} == {"accepted"}

    id, secret = store.writing
    bucket = {"AWS_ENDPOINT": store.url, "AWS_ALLOW_HTTP": "true", "AWS_REGION": REGION, "AWS_ACCESS_KEY_ID": id, "AWS_SECRET_ACCESS_KEY": secret}
    token = umbel("POST", "/umbel/v1/tokens", json={"name": "focus"}).json()["result"]["value"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment |= bucket | {"UMBEL_URL": os.environ["UMBEL_COMPAT_URL"], "UMBEL_TOKEN": token}
    for file_format in ["ndjson", "parquet"]:
        span = ["--from", str(day), "--to", str(day), "--format", file_format]
        for place in [f"s3://lake/{file_format}", str(tmp_path / file_format)]:
            command = [os.environ["UMBEL_BIN"], "focus", "export", HARBOUR, *span, "--partitioned", place]
            done = subprocess.run(command, env=environment, capture_output=True, text=True)
            assert done.returncode == 0, done.stderr
        in_bucket = {name.removeprefix(f"{file_format}/"): content for name, content in objects(store, "lake", f"{file_format}/").items()}
        files = [file for file in (tmp_path / file_format).rglob("*") if file.is_file()]
        in_folder = {str(file.relative_to(tmp_path / file_format)): file.read_bytes() for file in files}
        assert in_bucket.keys() == in_folder.keys()
        data = [name for name in in_folder if "/metadata/" not in name]
        assert len(data) == 1
        assert in_bucket[data[0]] == in_folder[data[0]]
        if file_format == "ndjson":
            # What is free ends within the use of one zone.
            assert in_bucket[data[0]].count(b"\n") == ROWS + 1
            assert len(in_bucket[data[0]]) > 5 << 20
