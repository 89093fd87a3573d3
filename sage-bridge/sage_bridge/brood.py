# SPDX-License-Identifier: GPL-2.0-or-later
"""One zygote, the keeper above it and the workers it forked, as the supervisor sees them."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections import deque
from pathlib import Path
from typing import Any, Callable

from . import sandbox
from .quarters import Quarters

#: How long a status is waited for that only the keeper can tell, seconds.
_STATUS_SECONDS = 1.0
#: Statuses kept for those who have not asked yet.
_MAX_STATUSES = 10_000

Forked = Callable[["int | None", int], None]


def clean_environment(directory: str) -> dict[str, str]:
    """All that Sage and the reader's code get to see of the environment."""
    path = os.pathsep.join([str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin"])
    return sandbox.zygote_environment(
        os.path.join(directory, "zygote"),
        PATH=path,
        PYTHONPATH=str(Path(__file__).resolve().parent.parent),
        PYTHONDONTWRITEBYTECODE="1",
        LANG="C.UTF-8",
        LC_ALL="C.UTF-8",
        # After a crash in compiled code: no debugger, which would take seconds and show nothing to a reader.
        CYSIGNALS_CRASH_NDEBUG="1",
    )


class Brood:
    """From the start of a zygote to the end of the last worker it forked; the keeper lives as long.

    Attributes:
        keeper: pid of the process that was started (see ``sandbox.keeper``).
        is_ready: a fork can be asked for.
        zygote: its pid in its own numbering, 0 before it is ready.
        fingerprint: of all that its workers' answers may depend on; empty before it is ready.
    """

    def __init__(
        self,
        directory: str,
        quarters: Quarters,
        on_ready: Callable[[dict[str, Any]], None],
        on_better: Callable[[], None],
        on_loss: Callable[[], None],
    ) -> None:
        """Starts the processes.

        Args:
            directory: the bridge's own.
            quarters: those of the workers.
            on_ready: gets what the zygote says of itself when it can fork.
            on_better: forks from now on have something that those before have not.
            on_loss: the zygote has died; its workers live on.
        """
        self._on_ready = on_ready
        self._on_better = on_better
        self._on_loss = on_loss
        self._outbox: deque[tuple[bytes, list[int]]] = deque()
        self._forks: dict[int, Forked] = {}
        self._reaps: dict[int, Callable[[int | None], None]] = {}
        self._statuses: dict[int, int] = {}
        self._told_deaths = b""
        self._next = 0
        self._loop = asyncio.get_running_loop()
        self.is_ready = False
        self.zygote = 0
        self.fingerprint = ""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        lifeline_theirs, self._lifeline = os.pipe()
        self._deaths, deaths_theirs = os.pipe()
        for descriptor in (self._deaths, deaths_theirs):
            os.set_blocking(descriptor, False)
        ours.setblocking(False)
        self._socket: socket.socket | None = ours
        home = os.path.join(directory, "zygote")
        os.makedirs(os.path.join(home, ".sage"), exist_ok=True)
        passed = (theirs.fileno(), lifeline_theirs, deaths_theirs)
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "sage_bridge.hatch", *map(str, passed)],
            pass_fds=passed,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env=clean_environment(directory),
            cwd=home,
            start_new_session=True,
        )
        theirs.close()
        os.close(lifeline_theirs)
        os.close(deaths_theirs)
        self.keeper = process.pid
        # Whoever reaps children of the supervisor reaps this one; Popen must not wait for it as well.
        process.returncode = 0
        self._loop.add_reader(ours.fileno(), self._readable)
        self._loop.add_reader(self._deaths, self._deaths_readable)
        self._send({"plan": quarters.plan.dumps(), "leavings": quarters.leavings}, [])

    def fork(self, order: dict[str, Any], descriptors: list[int], done: Forked) -> None:
        """Has a worker forked and closes the descriptors; ``done`` gets its pidfd, or None, and its pid there."""
        self._next += 1
        self._forks[self._next] = done
        self._send({"type": "fork", "id": self._next, **order}, descriptors)

    def reap(self, inner: int, done: Callable[[int | None], None]) -> None:
        """Waits for a dead worker; ``done`` gets its wait status, or None when nobody knows.

        ``inner``: its pid as the zygote numbers it.
        """
        if inner in self._statuses:
            done(self._statuses.pop(inner))
            return
        self._reaps[inner] = done
        if self._socket is not None:
            self._send({"type": "reap", "pid": inner}, [])
        else:
            self._loop.call_later(_STATUS_SECONDS, self._answer, inner, None)

    def _answer(self, inner: int, status: int | None) -> None:
        done = self._reaps.pop(inner, None)
        if done is not None:
            done(status)

    def bid_goodbye(self) -> None:
        """Tells the zygote to end."""
        self._send({"type": "end"}, [])

    def close(self) -> None:
        """Ends keeper, zygote and workers, whoever still lives."""
        self._drop_socket()
        if self._lifeline >= 0:
            self._loop.remove_reader(self._deaths)
            os.close(self._deaths)
            os.close(self._lifeline)
            self._lifeline = -1
        for inner in list(self._reaps):
            self._answer(inner, None)

    def _drop_socket(self) -> None:
        if self._socket is None:
            return
        self._loop.remove_reader(self._socket.fileno())
        self._loop.remove_writer(self._socket.fileno())
        self._socket.close()
        self._socket = None
        for _, descriptors in self._outbox:
            for descriptor in descriptors:
                os.close(descriptor)
        self._outbox.clear()

    def _send(self, message: dict[str, Any], descriptors: list[int]) -> None:
        self._outbox.append((json.dumps(message).encode(), descriptors))
        self._flush()

    def _flush(self) -> None:
        if self._socket is None:
            return
        while self._outbox:
            data, descriptors = self._outbox[0]
            try:
                if descriptors:
                    socket.send_fds(self._socket, [data], descriptors)
                else:
                    self._socket.send(data)
            except BlockingIOError:
                self._loop.add_writer(self._socket.fileno(), self._flush)
                return
            except OSError:
                # Its end is noticed, and everything in the box answered, by the reader.
                return
            self._outbox.popleft()
            for descriptor in descriptors:
                os.close(descriptor)
        self._loop.remove_writer(self._socket.fileno())

    def _readable(self) -> None:
        while self._socket is not None:
            descriptors: list[int] = []
            try:
                data, descriptors, _, _ = socket.recv_fds(self._socket, 65_536, 1)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            if not data:
                self._lost()
                return
            self._told(json.loads(data), descriptors[0] if descriptors else -1)

    def _told(self, message: dict[str, Any], pidfd: int) -> None:
        kind = message["type"]
        if kind == "ready":
            self.is_ready = True
            self.zygote = message["pid"]
            self._on_ready(message)
        elif kind == "improved":
            self._on_better()
        elif kind == "forked":
            self._forks.pop(message["id"])(None if pidfd < 0 else pidfd, message["pid"])
        elif kind == "reaped":
            self._answer(message["pid"], message["status"])

    def _deaths_readable(self) -> None:
        try:
            data = os.read(self._deaths, 65_536)
        except BlockingIOError:
            return
        if not data:
            # The keeper has ended.
            self.close()
            return
        *lines, self._told_deaths = (self._told_deaths + data).split(b"\n")
        for line in lines:
            inner, status = map(int, line.split())
            if inner in self._reaps:
                self._answer(inner, status)
            elif len(self._statuses) < _MAX_STATUSES:
                self._statuses[inner] = status

    def _lost(self) -> None:
        self._drop_socket()
        self.is_ready = False
        forks, self._forks = self._forks, {}
        for done in forks.values():
            done(None, 0)
        for inner in list(self._reaps):
            self._loop.call_later(_STATUS_SECONDS, self._answer, inner, None)
        self._on_loss()
