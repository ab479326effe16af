"""Starts the real binary on a fresh database and makes users and tokens in it, the way an operator does."""

import contextlib
import json
import os
import select
import subprocess
import urllib.parse
import uuid
from dataclasses import dataclass
from pathlib import Path

import httpx
import pg8000.dbapi

REPOSITORY = Path(__file__).resolve().parents[2]
START_LIMIT_S = 60
# A debug build takes a while for an import of 100,000 lines.
COMMAND_LIMIT_S = 600
LISTENING = "listening on "


@dataclass(frozen=True)
class Person:
    """A user and both forms of their credential."""

    id: str
    email: str
    api_key: str
    api_token: str


@dataclass(frozen=True)
class Server:
    """A running server: where it listens, its first operator, and a way to call it."""

    url: str
    operator: Person
    http: httpx.Client

    def call(self, method, path, person, **arguments):
        """Calls our own part of the API as `person` and returns the result; the official client does not know it."""
        headers = {"x-auth-email": person.email, "x-auth-key": person.api_key}
        response = self.http.request(method, f"{self.url}/umbel/v1{path}", headers=headers, **arguments)
        assert response.is_success, f"{method} {path}: {response.status_code} {response.text}"
        return response.json()["result"] if response.content else None

    def new_person(self, name="Someone New"):
        """Makes a user who is in no organization yet."""
        email = f"{uuid.uuid4().hex}@compat.example"
        user = self.call("POST", "/users", self.operator, json={"email": email, "name": name})
        return self.known_person(user["id"], email, user["api_key"])

    def known_person(self, user_id, email, api_key):
        """Gives a user who has an API key an API token as well."""
        person = Person(user_id, email, api_key, api_token="")
        return Person(user_id, email, api_key, self.new_token(person)["value"])

    def new_token(self, person, **fields):
        """Makes an API token of `person`; its value is told only here."""
        return self.call("POST", "/tokens", person, json={"name": "compat", **fields})


def binary():
    """The binary under test."""
    path = Path(os.environ.get("UMBEL_BIN") or REPOSITORY / "target/debug/umbel")
    assert path.exists(), f"{path} is missing: run cargo build -p umbel, or set UMBEL_BIN"
    return str(path)


def umbel(*arguments):
    """Runs one command of the binary and returns what it prints."""
    done = subprocess.run([binary(), *arguments], capture_output=True, text=True, timeout=COMMAND_LIMIT_S)
    assert done.returncode == 0, f"umbel {' '.join(arguments)}: {done.stderr}{done.stdout}"
    return done.stdout


@contextlib.contextmanager
def fresh_database(engine, directory):
    """The URL of an empty database, which is gone afterwards."""
    if engine == "sqlite":
        yield f"sqlite:{directory / 'umbel.db'}"
        return
    server = urllib.parse.urlsplit(os.environ["UMBEL_TEST_POSTGRES"])
    name = f"umbel_compat_{uuid.uuid4().hex}"
    run_on_postgres(server, f"CREATE DATABASE {name}")
    try:
        yield server._replace(path=f"/{name}").geturl()
    finally:
        run_on_postgres(server, f"DROP DATABASE {name} WITH (FORCE)")


def run_on_postgres(server, statement):
    """Runs a statement that no transaction may enclose."""
    connection = pg8000.dbapi.connect(
        user=urllib.parse.unquote(server.username or "postgres"),
        password=urllib.parse.unquote(server.password or "") or None,
        host=server.hostname,
        port=server.port or 5432,
        database=server.path.lstrip("/") or "postgres",
    )
    with contextlib.closing(connection):
        connection.autocommit = True
        connection.cursor().execute(statement)


@contextlib.contextmanager
def running(engine, directory, seed):
    """Bootstraps a fresh database, imports the file `seed` and serves until the block ends."""
    with fresh_database(engine, directory) as database:
        email = "operator@compat.example"
        first = json.loads(umbel("bootstrap", "--email", email, "--name", "Olga Operator", "--json", "--database", database))
        operator = Person(first["user_id"], email, first["api_key"], first["api_token"])
        umbel("import", str(seed), "--database", database)
        with serving(database, directory / "server.log") as url, httpx.Client(timeout=START_LIMIT_S) as http:
            yield Server(url, operator, http)


@contextlib.contextmanager
def serving(database, log_path):
    """Runs `umbel serve` on a free port and yields its URL."""
    command = [binary(), "serve", "--listen", "127.0.0.1:0", "--database", database]
    with log_path.open("w") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        ready, _, _ = select.select([process.stdout], [], [], START_LIMIT_S)
        line = process.stdout.readline().strip() if ready else ""
        assert line.startswith(LISTENING), f"umbel serve said {line!r}; its log:\n{log_path.read_text()}"
        yield line.removeprefix(LISTENING)
    finally:
        process.terminate()
        status = process.wait(timeout=START_LIMIT_S)
        process.stdout.close()
    assert status == 0, f"umbel serve ended with {status}; its log:\n{log_path.read_text()}"
