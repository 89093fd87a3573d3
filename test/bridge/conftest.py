"""A real bridge per test run, scripted clients for it, and a look at what is left afterwards."""

from __future__ import annotations

import itertools
import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "sage-bridge"))
sys.path.insert(0, str(Path(__file__).parent))

from bridge_client import Bridge, Client, Session  # noqa: E402

_names = itertools.count(1)


def pytest_report_header():
    """Names the interpreter, and through it the Sage, that the suite runs on."""
    return f"bridge under {sys.executable} (Python {sys.version.split()[0]})"


@pytest.fixture(scope="session")
def shared_bridge(tmp_path_factory):
    """The bridge that every test uses that does not need one of its own."""
    bridge = Bridge(tmp_path_factory.mktemp("bridge"), "--pool", "3")
    yield bridge
    bridge.stop()


@pytest.fixture
def start_bridge(tmp_path):
    """Starts bridges of a test's own, with the options given."""
    started = []

    def start(*options, **environment):
        folder = tmp_path / f"b{len(started)}"
        folder.mkdir()
        started.append(Bridge(folder, *options, **environment))
        return started[-1]

    yield start
    for bridge in started:
        bridge.stop()


@pytest.fixture
def connect(shared_bridge):
    """Makes authenticated clients of the shared bridge."""
    made = []

    def make(bridge=None):
        made.append(Client(bridge or shared_bridge).auth())
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def client(connect):
    """One authenticated client of the shared bridge."""
    return connect()


@pytest.fixture
def session(client):
    """An open session of the shared bridge, closed at the end."""
    one = Session(client, f"session-{os.getpid()}-{next(_names)}").open()
    yield one
    one.close()
