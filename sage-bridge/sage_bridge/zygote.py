# SPDX-License-Identifier: GPL-2.0-or-later
"""The process that imports Sage once and then only forks. Single-threaded; runs no code of readers.

Started by the supervisor as ``python -m sage_bridge.hatch COMMAND LIFELINE DEATHS`` in a clean environment; the
numbers are descriptors: the command socket (one JSON text per packet, the first with the sandbox's plan), and the
pipes of ``sandbox.keeper``, which is what this process becomes. It ends when the command socket ends.
"""

from __future__ import annotations

import gc
import json
import os
import platform
import select
import socket
import sys
from typing import Any

from . import forking, gap_workspace, hugepages, sandbox

#: Where a worker keeps its control socket: out of the way of code that closes or reuses low descriptors.
CONTROL = 200


def _become_worker(
    plan: sandbox.Plan, descriptors: list[int], order: dict[str, Any], worker: Any, keep: tuple[int, ...]
) -> None:
    """Never returns."""
    try:
        control, out, err = descriptors
        os.dup2(control, CONTROL, inheritable=False)
        os.dup2(out, 1)
        os.dup2(err, 2)
        facts = {name: order[name] for name in ("directory", "uid", "memory", "processes", "files", "file_bytes")}
        sandbox.enter(plan, sandbox.WorkerFacts(keep=keep, **facts))
        gc.enable()
    except BaseException as error:
        os.write(2, f"the sandbox could not be entered: {error!r}\n".encode("utf-8", "replace")[:2000])
        os._exit(70)
    worker.live(order["directory"], order["hurry"])


class Zygote:
    """Answers the supervisor's orders."""

    def __init__(self, command: socket.socket, plan: sandbox.Plan, worker: Any) -> None:
        """``worker``: rehearsed, to be settled in each fork."""
        self._command = command
        self._plan = plan
        self._worker = worker
        self._maker = gap_workspace.Maker()
        self._keep: tuple[int, ...] = (CONTROL,)

    def tell(self, message: dict[str, Any], *descriptors: int) -> None:
        """Sends one packet to the supervisor."""
        data = json.dumps(message).encode()
        if descriptors:
            socket.send_fds(self._command, [data], descriptors)
        else:
            self._command.send(data)

    def serve(self) -> None:
        """Obeys until the supervisor is gone or says good-bye."""
        while True:
            if not self._maker.is_over:
                self._use_pauses()
            data, descriptors, _, _ = socket.recv_fds(self._command, 65_536, 8)
            if not data:
                return
            order = json.loads(data)
            if order["type"] == "fork":
                self._fork(order, descriptors)
            elif order["type"] == "reap":
                self._reap(order)
            elif order["type"] == "end":
                return

    def _use_pauses(self) -> None:
        """Until there is an order, sees to what is made for later forks."""
        poll = select.poll()
        poll.register(self._command, select.POLLIN)
        while not self._maker.is_over and not poll.poll(self._maker.pause * 1e3):
            self._maker.attend()
        if self._maker.is_ready:
            self._keep = (CONTROL, gap_workspace.DESCRIPTOR)
            self.tell({"type": "improved"})

    def _fork(self, order: dict[str, Any], descriptors: list[int]) -> None:
        pidfd = None
        try:
            pid = sandbox.fork(self._plan, forking.park)
            if pid == 0:
                _become_worker(self._plan, descriptors, order, self._worker, self._keep)
            # The supervisor may number processes differently; what it holds open is the same in every numbering.
            pidfd = os.pidfd_open(pid)
            self.tell({"type": "forked", "id": order["id"], "pid": pid}, pidfd)
        except BlockingIOError as error:
            print(f"zygote: {error!r}", file=sys.stderr)
            self.tell({"type": "forked", "id": order["id"], "pid": 0})
        finally:
            for descriptor in (*descriptors, *([pidfd] if pidfd is not None else [])):
                os.close(descriptor)

    def _reap(self, order: dict[str, Any]) -> None:
        # Waiting only on demand keeps the pid taken until the supervisor has done with it.
        try:
            _, status = os.waitpid(order["pid"], 0)
        except ChildProcessError:
            status = None
        self.tell({"type": "reaped", "pid": order["pid"], "status": status})


def make_template(plan: sandbox.Plan) -> tuple[Any, dict[str, Any]]:
    """Imports and warms all in the calling process, which is to become a zygote.

    Returns:
        the worker to be settled in each fork, and what the supervisor is told.
    """
    from . import purity

    # A tenth of the time to import and warm is spent on looking for garbage that is not there yet.
    gc.disable()
    purity.install()
    from . import languages, warm

    home = os.environ["HOME"]
    namespace = warm.prepare(home)
    purity.settle(namespace, home)
    from sage.version import version

    from .worker import Worker

    worker = Worker(CONTROL, namespace)
    worker.rehearse()
    worker.rehearse()
    sandbox.warm(plan)
    threads = len(os.listdir("/proc/self/task"))
    warm.settle()
    hugepages.gather()
    facts = {
        "sage": version,
        "python": platform.python_version(),
        "languages": languages.offered(),
        # Nothing is installed in the zygote's own directory, where it may write.
        "path": [each for each in sys.path if each != home],
        "threads": threads,
        "pid": os.getpid(),
    }
    return worker, facts


def main() -> None:
    """Becomes small, imports, warms, reports, serves."""
    number, lifeline, deaths = map(int, sys.argv[1:4])
    command = socket.socket(fileno=number)
    first = json.loads(command.recv(262_144))
    plan = sandbox.Plan.loads(first["plan"])
    sandbox.prepare_zygote(plan, lifeline, deaths, first["leavings"])
    worker, facts = make_template(plan)
    zygote = Zygote(command, plan, worker)
    try:
        zygote.tell({"type": "ready", **facts})
        zygote.serve()
    except OSError:
        # The supervisor died in the middle of a packet.
        pass
    os._exit(0)
