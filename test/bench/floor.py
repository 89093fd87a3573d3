# SPDX-License-Identifier: GPL-2.0-or-later
"""The least a fresh Sage can cost: forked and touched beforehand, on a pipe, doing nothing but exec and print.

JSON lines in: ``{"id": 1, "op": "run", "code": "…"}`` in the next child, which ends; ``again``, in one that
stays; ``fork``, a bare fork, exit and wait. JSON lines out: ``{"id": 1, "output": "…"}``, after
``{"event": "ready"}``. No isolation, no limits, no streaming, no session.
"""

from __future__ import annotations

import contextlib
import gc
import io
import json
import os
import selectors
import signal
import sys
import tempfile
from collections import deque

#: Children kept ready: at least as many as runs in flight when a rate is measured.
READY = 12


def serve_child(commands: int, answers: int, namespace: dict) -> None:
    """Runs what comes down the pipe, one line of JSON each; never returns."""
    for line in os.fdopen(commands):
        text = io.StringIO()
        with contextlib.redirect_stdout(text):
            exec(json.loads(line), namespace)  # noqa: S102
        os.write(answers, text.getvalue().encode() + b"\0")
    os._exit(0)


class Child:
    """A forked process and its two pipes."""

    def __init__(self, namespace: dict) -> None:
        commands, self.commands = os.pipe()
        self.answers, answers = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self.commands)
            serve_child(commands, answers, namespace)
        os.close(commands)
        os.close(answers)
        self.run("print(2+2)")
        self.take()

    def run(self, code: str) -> None:
        """Starts the code."""
        os.write(self.commands, json.dumps(code).encode() + b"\n")

    def take(self) -> str:
        """Waits for the answer."""
        data = b""
        while not data.endswith(b"\0"):
            data += os.read(self.answers, 65_536)
        return data[:-1].decode()

    def end(self) -> None:
        """Ends the process; the kernel collects it, so that its slow end is nobody's to wait for."""
        os.kill(self.pid, signal.SIGKILL)
        os.close(self.commands)
        os.close(self.answers)


def answer(fields: dict) -> None:
    """Writes one line."""
    sys.stdout.write(json.dumps(fields) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Serves until standard input ends."""
    with tempfile.TemporaryDirectory() as directory:
        from sage_bridge import warm

        namespace = warm.prepare(directory)
    warm.settle()
    gc.disable()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    ready = deque(Child(namespace) for _ in range(READY))
    lasting = Child(namespace)
    waiting: deque = deque()
    gone: list = []
    selector = selectors.DefaultSelector()
    selector.register(0, selectors.EVENT_READ)
    answer({"event": "ready"})
    pending = b""
    running = 0
    while True:
        for key, _ in selector.select(0 if gone and not running else None):
            if key.fd == 0:
                data = os.read(0, 65_536)
                if not data:
                    for child in (*ready, lasting):
                        child.end()
                    return
                *lines, pending = (pending + data).split(b"\n")
                waiting += [json.loads(line) for line in lines]
            else:
                identifier, child = key.data
                answer({"id": identifier, "output": child.take()})
                selector.unregister(child.answers)
                gone.append(child)
                running -= 1
        while waiting and (ready or waiting[0]["op"] != "run"):
            order = waiting.popleft()
            if order["op"] == "run":
                child = ready.popleft()
                child.run(order["code"])
                selector.register(child.answers, selectors.EVENT_READ, (order["id"], child))
                running += 1
            elif order["op"] == "again":
                lasting.run(order["code"])
                answer({"id": order["id"], "output": lasting.take()})
            else:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                pid = os.fork()
                if pid == 0:
                    os._exit(0)
                os.waitpid(pid, 0)
                signal.signal(signal.SIGCHLD, signal.SIG_IGN)
                answer({"id": order["id"]})
        # Collecting and replacing children comes after answering.
        if gone and (not running or not ready):
            gone.pop().end()
            ready.append(Child(namespace))


if __name__ == "__main__":
    main()
