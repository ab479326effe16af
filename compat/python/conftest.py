"""One server for the whole run, a new user for every test, and every test with both kinds of client at both base URLs."""

import os
from types import SimpleNamespace

import pytest

from clients import Connector
from seed import write_seed
from server import running


def pytest_addoption(parser):
    parser.addoption("--engine", choices=["sqlite", "postgres"], default="sqlite", help="the database under the server")


@pytest.fixture(scope="session", autouse=True)
def no_credentials_of_the_developer():
    """The client reads these by itself; a real one must not leak into a test."""
    for name in [name for name in os.environ if name.startswith("CLOUDFLARE_")]:
        del os.environ[name]


@pytest.fixture(scope="session")
def server(request, tmp_path_factory, no_credentials_of_the_developer):
    directory = tmp_path_factory.mktemp("umbel")
    with running(request.config.getoption("--engine"), directory, write_seed(directory)) as server:
        yield server


@pytest.fixture(scope="session", params=["sync", "async", "sync at the root", "async at the root"])
def connector(request, server):
    kind, *at_the_root = request.param.split(maxsplit=1)
    connector = Connector(kind, server.url if at_the_root else f"{server.url}/client/v4")
    yield connector
    connector.close()


@pytest.fixture
def owner(server):
    """Somebody who has no organization yet."""
    return server.new_person("Ottilie Owner")


@pytest.fixture
def client(connector, owner):
    return connector.with_token(owner.api_token)


@pytest.fixture(scope="session")
def company(server):
    """Five organizations, named to tell filters apart; nobody changes them, so all tests share them."""
    owner = server.new_person("Cora Company")
    connector = Connector("sync", server.url)
    organizations = connector.with_token(owner.api_token).organizations
    aurora = organizations.create(name="Aurora")
    retail = organizations.create(name="Aurora Retail", parent={"id": aurora.id})
    north = organizations.create(name="Retail North", parent={"id": retail.id})
    borealis = organizations.create(name="BOREALIS")
    solar = organizations.create(name="100%_Solar")
    connector.close()
    return SimpleNamespace(owner=owner, aurora=aurora, retail=retail, north=north, borealis=borealis, solar=solar)
