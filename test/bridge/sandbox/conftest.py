# SPDX-License-Identifier: GPL-2.0-or-later
"""Colonies (see ``colony.py``) at each sandbox level that this machine and user allow."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import subprocess
import sys
import threading

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "..", "sage-bridge"))
sys.path.insert(0, os.path.join(HERE, ".."))

from unprivileged import ROOT, UNPRIVILEGED, become_unprivileged  # noqa: E402

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the sandbox needs Linux")
CANARY = "canary-b7c1f0a95d"
#: Longest wait for an answer, seconds: four that import Sage at once, beside other suites, take a minute.
PATIENCE = 180

#: Level → (user to run the supervisor as, options).
LEVELS = {
    "floor": (UNPRIVILEGED, {"without": ["user-namespace"]}),
    "userns": (UNPRIVILEGED, {}),
    "root": (0, {"without": ["pid-namespace"], "cgroups": True}),
    "root+pidns": (0, {"cgroups": True}),
}


class Colony:
    """A running supervisor; ``close`` ends it and all it started."""

    def __init__(self, user: int, options: dict) -> None:
        self._process = subprocess.Popen(
            [sys.executable, os.path.join(HERE, "colony.py"), "supervisor", json.dumps(options)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={"PATH": os.environ["PATH"], "SAGE_BRIDGE_SECRET": CANARY, "PYTHONDONTWRITEBYTECODE": "1"},
            cwd="/",
            preexec_fn=become_unprivileged if ROOT and user else None,
        )

    @functools.cached_property
    def about(self) -> dict:
        """What it is; waits until it is ready."""
        return self.ask("about")

    @property
    def level(self) -> str:
        """The level that it got."""
        return self.about["plan"]["level"]

    @property
    def pid(self) -> int:
        """The supervisor's."""
        return self._process.pid

    def ask(self, what: str, **order: object) -> dict:
        """One request; fails the test if the supervisor does not answer in time."""
        timer = threading.Timer(PATIENCE, self._process.kill)
        timer.start()
        try:
            self._process.stdin.write(json.dumps({"do": what, **order}) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        finally:
            timer.cancel()
        assert line, f"the supervisor died at {what}"
        answer = json.loads(line)
        assert "failed" not in answer, answer["failed"]
        return answer

    def run(self, name: str, code: str, timeout: float = 20.0) -> object:
        """What ``code`` left in ``result``; fails the test if it raised."""
        answer = self.ask("run", name=name, code=code, timeout=timeout)
        assert "error" not in answer, answer.get("traceback", answer)
        return answer["value"]

    def crash(self) -> None:
        """``kill -9`` of the supervisor alone."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """Ends it in an orderly way."""
        self._process.stdin.close()
        try:
            self._process.wait(20)
        finally:
            if self._process.poll() is None:
                self._process.kill()
                self._process.wait()
            self._process.stdout.close()


def start(level: str, **more: object) -> Colony:
    """A colony at ``level``, which the caller closes; skips the test where the level can't be had.

    ``off`` and ``any`` (the best there is) are had everywhere.
    """
    if level in ("off", "any"):
        return Colony(0, {"mode": "off"} if level == "off" else more)
    return expect(level, launch(level, **more))


def launch(level: str, **more: object) -> Colony | None:
    """As ``start``, without waiting for it; None where the level needs root."""
    user, options = LEVELS[level]
    return Colony(user, {**options, **more}) if user or ROOT else None


def expect(level: str, colony: Colony | None) -> Colony:
    """``colony`` when it is ready; skips the test, and closes it, if it is not at ``level``."""
    if colony is None:
        pytest.skip("needs root")
    if colony.level != level:
        layers = colony.about["plan"]["layers"]
        colony.close()
        pytest.skip(f"this machine gives {colony.level}: {[x for x in layers if x['state'] == 'missing']}")
    return colony


@pytest.fixture(scope="session", params=LEVELS)
def colony(request):
    """A colony of plain Python at each level."""
    started = start(request.param)
    yield started
    started.close()


@pytest.fixture(scope="session")
def sage_colonies():
    """One for each level, importing Sage at the same time."""
    launched = {level: launch(level, sage=True) for level in LEVELS}
    yield launched
    for colony in filter(None, launched.values()):
        with contextlib.suppress(OSError, ValueError):
            colony.close()


@pytest.fixture(params=LEVELS)
def sage_colony(request, sage_colonies):
    """A colony whose zygote has imported Sage, at each level."""
    return expect(request.param, sage_colonies[request.param])


@pytest.fixture
def worker(colony, request):
    """The name of a fresh worker, killed afterwards."""
    name = "w" + str(abs(hash(request.node.nodeid)) % 10**9)
    colony.ask("fork", name=name)
    yield name
    colony.ask("kill", name=name)
