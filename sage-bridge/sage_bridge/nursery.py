# SPDX-License-Identifier: GPL-2.0-or-later
"""The supervisor's end of the zygote: starts it, restarts it, has it fork and reap."""

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

from . import log

#: Longest pause between two attempts to start a zygote, seconds.
MAX_PAUSE = 30.0

#: Libraries that would otherwise start threads at import, which no fork survives (GC_MARKERS: Maxima's collector).
_ONE_THREAD = (
    "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS", "GC_MARKERS",
)  # fmt: skip


def clean_environment(directory: str) -> dict[str, str]:
    """All that Sage and the reader's code get to see of the environment."""
    home = os.path.join(directory, "zygote")
    path = os.pathsep.join([str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin"])
    return {
        "HOME": home,
        "DOT_SAGE": os.path.join(home, ".sage"),
        "MPLCONFIGDIR": os.path.join(home, ".matplotlib"),
        "TMPDIR": home,
        "PATH": path,
        "PYTHONPATH": str(Path(__file__).resolve().parent.parent),
        "PYTHONDONTWRITEBYTECODE": "1",
        # Sets of texts come out in the same order in every worker, so that what prints one can be told again.
        "PYTHONHASHSEED": "0",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "TERM": "dumb",
        # After a crash in compiled code: no debugger, which would take seconds and show nothing to a reader.
        "CYSIGNALS_CRASH_NDEBUG": "1",
        **dict.fromkeys(_ONE_THREAD, "1"),
    }


class Nursery:
    """One zygote at a time.

    Attributes:
        facts: what the zygote said of itself (``sage``, ``python``, ``threads``); empty before the first start.
        pid: the zygote's, or None between two.
    """

    def __init__(self, directory: str, on_ready: Callable[[], None], on_loss: Callable[[], None]) -> None:
        """``directory``: the bridge's own; the callbacks tell of a zygote that is ready, or has died."""
        self._directory = directory
        self._on_ready = on_ready
        self._on_loss = on_loss
        self._socket: socket.socket | None = None
        self._outbox: deque[tuple[bytes, list[int]]] = deque()
        self._forks: dict[int, Callable[[int | None], None]] = {}
        self._reaps: dict[int, Callable[[int | None], None]] = {}
        self._next = 0
        self._pause = 0.5
        self._closed = False
        self._ready = False
        self._restart: asyncio.TimerHandle | None = None
        self.facts: dict[str, Any] = {}
        self.pid: int | None = None

    def start(self) -> None:
        """Starts a zygote; readiness is told by the callback."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        home = os.path.join(self._directory, "zygote")
        os.makedirs(os.path.join(home, ".sage"), exist_ok=True)

        # The socket must have a fixed number there, which only the new process itself can give it.
        launcher = "import os, sys; os.dup2(int(sys.argv[1]), 3); os.execv(sys.executable, sys.argv[2:])"
        program = [sys.executable, "-m", "sage_bridge.zygote", self._directory]
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-S", "-c", launcher, str(theirs.fileno()), *program],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env=clean_environment(self._directory),
            cwd=home,
            start_new_session=True,
        )
        theirs.close()
        ours.setblocking(False)
        self._socket = ours
        self.pid = process.pid
        # Whoever reaps children of the supervisor reaps this one; Popen must not wait for it as well.
        process.returncode = 0
        self._ready = False
        asyncio.get_running_loop().add_reader(ours.fileno(), self._readable)

    @property
    def is_ready(self) -> bool:
        """Whether a fork can be asked for now."""
        return self._ready

    def fork(self, directory: str, hurry: bool, descriptors: list[int], done: Callable[[int | None], None]) -> None:
        """Has a worker forked and closes the descriptors; ``done`` gets its pid, or None; ``hurry``: somebody waits."""
        self._next += 1
        self._forks[self._next] = done
        order = {"type": "fork", "id": self._next, "directory": directory, "hurry": hurry}
        self._send(order, descriptors)

    def reap(self, pid: int, done: Callable[[int | None], None]) -> None:
        """Waits for a dead worker; ``done`` gets its wait status, or None when nobody knows."""
        try:
            # One whose zygote died is a child of this process.
            waited, status = os.waitpid(pid, os.WNOHANG)
        except ChildProcessError:
            waited = 0
        if waited:
            done(status)
        elif not self._ready:
            done(None)
        else:
            self._reaps[pid] = done
            self._send({"type": "reap", "pid": pid}, [])

    def close(self) -> None:
        """Tells the zygote to end and forgets it."""
        self._closed = True
        if self._restart is not None:
            self._restart.cancel()
        if self._socket is not None:
            self._send({"type": "end"}, [])
            self._drop_socket()

    def _drop_socket(self) -> None:
        if self._socket is None:
            return
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._socket.fileno())
        loop.remove_writer(self._socket.fileno())
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
        loop = asyncio.get_running_loop()
        while self._outbox:
            data, descriptors = self._outbox[0]
            try:
                if descriptors:
                    socket.send_fds(self._socket, [data], descriptors)
                else:
                    self._socket.send(data)
            except BlockingIOError:
                loop.add_writer(self._socket.fileno(), self._flush)
                return
            except OSError:
                # Its end is noticed, and everything in the box answered, by the reader.
                return
            self._outbox.popleft()
            for descriptor in descriptors:
                os.close(descriptor)
        loop.remove_writer(self._socket.fileno())

    def _readable(self) -> None:
        while self._socket is not None:
            try:
                data = self._socket.recv(65_536)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            if not data:
                self._lost()
                return
            self._told(json.loads(data))

    def _told(self, message: dict[str, Any]) -> None:
        kind = message["type"]
        if kind == "ready":
            self.facts = message
            self._ready = True
            self._pause = 0.5
            if message["threads"] > 1:
                log.warn("the zygote has threads; forks of it may hang", threads=message["threads"])
            self._on_ready()
        elif kind == "forked":
            self._forks.pop(message["id"])(message["pid"])
        elif kind == "reaped":
            self._reaps.pop(message["pid"])(message["status"])

    def _lost(self) -> None:
        self._drop_socket()
        self._ready = False
        self.pid = None
        forks, self._forks = self._forks, {}
        reaps, self._reaps = self._reaps, {}
        for done in forks.values():
            done(None)
        for pid, done in reaps.items():
            self.reap(pid, done)
        self._on_loss()
        if not self._closed:
            log.warn("the zygote died; another one is started", pause=self._pause)
            self._restart = asyncio.get_running_loop().call_later(self._pause, self.start)
            self._pause = min(self._pause * 2, MAX_PAUSE)
