# SPDX-License-Identifier: GPL-2.0-or-later
"""The process that imports Sage once and then only forks. Single-threaded; runs no code of readers.

Started by the supervisor as ``python -m sage_bridge.zygote DIRECTORY`` in a clean environment, with its
command socket (one JSON text per packet) on descriptor 3. It ends when that socket ends.
"""

from __future__ import annotations

import fcntl
import gc
import json
import os
import platform
import shutil
import signal
import socket
import sys
import time
from typing import Any

COMMAND = 3
#: Where a worker keeps its control socket: out of the way of code that closes or reuses low descriptors.
CONTROL = 200
LIFELINE = 201

_PR_SET_CHILD_SUBREAPER = 36
_F_SETSIG = 10


def _die_with(descriptor: int) -> None:
    """Has the kernel kill this process when the other end of the pipe ``descriptor`` is closed.

    Opened anew, because the owner to be signalled is a property of the open file, which forks share.
    """
    own = os.open(f"/proc/self/fd/{descriptor}", os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    os.dup2(own, LIFELINE, inheritable=False)
    os.close(own)
    fcntl.fcntl(LIFELINE, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(LIFELINE, _F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(LIFELINE, fcntl.F_SETFL, fcntl.fcntl(LIFELINE, fcntl.F_GETFL) | os.O_ASYNC)


def _become_worker(descriptors: list[int], order: dict[str, Any], worker: Any, prctl: Any) -> None:
    """Never returns."""
    from .worker import main

    control, out, err, lifeline = descriptors
    os.setsid()
    # Daemons of the reader's code become children of this process, where they are found when it ends.
    prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    os.dup2(control, CONTROL, inheritable=False)
    _die_with(lifeline)
    os.dup2(out, 1)
    os.dup2(err, 2)
    os.closerange(3, CONTROL)
    gc.enable()
    main(worker, order["directory"], order["hurry"])


def _remove(directory: str) -> None:
    """Removes what the supervisor left; workers may still be dying in it, so not only once."""
    os.chdir("/")
    for _ in range(50):
        shutil.rmtree(directory, ignore_errors=True)
        if not os.path.exists(directory):
            return
        time.sleep(0.1)


class Zygote:
    """Answers the supervisor's orders."""

    def __init__(self, command: socket.socket, worker: Any) -> None:
        """``worker``: rehearsed, to be settled in each fork."""
        import ctypes

        self._command = command
        self._worker = worker
        self._prctl = ctypes.CDLL(None).prctl

    def tell(self, message: dict[str, Any]) -> None:
        """Sends one packet to the supervisor."""
        self._command.send(json.dumps(message).encode())

    def serve(self) -> bool:
        """Obeys until the supervisor is gone; True if it said good-bye."""
        while True:
            data, descriptors, _, _ = socket.recv_fds(self._command, 65_536, 8)
            if not data:
                return False
            order = json.loads(data)
            if order["type"] == "fork":
                self._fork(order, descriptors)
            elif order["type"] == "reap":
                self._reap(order)
            elif order["type"] == "end":
                return True

    def _fork(self, order: dict[str, Any], descriptors: list[int]) -> None:
        pid = os.fork()
        if pid == 0:
            _become_worker(descriptors, order, self._worker, self._prctl)
        for descriptor in descriptors:
            os.close(descriptor)
        self.tell({"type": "forked", "id": order["id"], "pid": pid})

    def _reap(self, order: dict[str, Any]) -> None:
        # Waiting only on demand keeps the pid taken until the supervisor has done with it.
        try:
            _, status = os.waitpid(order["pid"], 0)
        except ChildProcessError:
            status = None
        self.tell({"type": "reaped", "pid": order["pid"], "status": status})


def main() -> None:
    """Imports, warms, reports, serves, removes the bridge's directory if nobody else is left to do it."""
    directory = sys.argv[1]
    command = socket.socket(fileno=COMMAND)
    from . import purity

    purity.install()
    from . import warm

    home = os.path.join(directory, "zygote")
    namespace = warm.prepare(home)
    purity.settle(namespace, home)
    from sage.version import version

    from .worker import Worker

    worker = Worker(CONTROL, namespace)
    worker.rehearse()
    worker.rehearse()
    threads = len(os.listdir("/proc/self/task"))
    gc.disable()
    warm.settle()
    zygote = Zygote(command, worker)
    said_goodbye = False
    try:
        zygote.tell({"type": "ready", "sage": version, "python": platform.python_version(), "threads": threads})
        said_goodbye = zygote.serve()
    except OSError:
        # The supervisor died in the middle of a packet.
        pass
    if not said_goodbye:
        _remove(directory)
    os._exit(0)


if __name__ == "__main__":
    main()
