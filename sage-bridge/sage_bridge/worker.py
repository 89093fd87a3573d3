# SPDX-License-Identifier: GPL-2.0-or-later
"""One worker: a fork of the zygote that waits for commands, runs the reader's code and is then thrown away."""
from __future__ import annotations

import os
import signal
import sys
import tempfile
from typing import Any

from . import introspect, streams
from .channel import Channel, Guard
from .display import Screen, install_figures
from .execute import Interpreter
from .seeds import reseed

#: The rehearsal: run in every worker before it is offered, through the very path the reader's code takes, so
#: that the memory pages they write to are the worker's own already.
REHEARSAL = (
    ("print(2+2)\nprint('a', 1.5)", False),
    ("integrate(sin(x)^2, x)", True),
    ("[1/2, x]", False),
    ("1/0", False),
    ("for", False),
)
#: The part that is worth its time even when a request is already waiting.
SHORT_REHEARSAL = REHEARSAL[:1]


class Worker:
    """Serves the supervisor's commands until it closes the channel."""

    def __init__(self, descriptor: int, directory: str, namespace: dict[str, Any]) -> None:
        """``descriptor``: the control socket. ``directory``: private, empty, removed by others at the end."""
        self._directory = directory
        self._guard = Guard()
        self._channel = Channel(descriptor, self._guard)
        self._screen = Screen(self._channel)
        self._interpreter = Interpreter(namespace, self._screen, self._guard)

    def settle(self, rehearse: bool) -> None:
        """Makes this process its own: directory, streams, display, random numbers, touched memory."""
        os.chdir(self._directory)
        # Sage and Python read these once and keep them; the copies in the zygote are everybody's.
        os.environ.update(HOME=self._directory, TMPDIR=self._directory, PWD=self._directory)
        tempfile.tempdir = self._directory
        _move_sage_files(self._directory)
        self._guard.install()
        streams.install(self._channel)
        self._screen.install()
        install_figures(self._screen)
        reseed()
        # The rehearsal shows values, so the supervisor answers and throws them away.
        for code, typeset in REHEARSAL if rehearse else SHORT_REHEARSAL:
            status, outputs = self._interpreter.run(code, "sage", typeset)
            self._channel.send({"type": "done", "status": status, "outputs": outputs})
        self._interpreter.forget()
        streams.Stream._last = None
        self._channel.send({"type": "parked"})

    def serve(self) -> None:
        """Obeys commands, one after the other, until the supervisor is gone."""
        while True:
            try:
                command = self._channel.receive()
            except EOFError:
                return
            if command["type"] == "execute":
                self._execute(command)
            elif command["type"] in ("complete", "inspect"):
                self._introspect(command)

    def _execute(self, command: dict[str, Any]) -> None:
        streams.Stream._last = None
        status, outputs = self._interpreter.run(
            command["code"], command.get("language", "sage"), command.get("typeset", False)
        )
        if not self._channel.is_ours:
            # A child that the reader's code forked has run to the end of that code.
            os._exit(0)
        self._channel.send({"type": "done", "status": status, "outputs": outputs})

    def _introspect(self, command: dict[str, Any]) -> None:
        namespace = self._interpreter.namespace
        answer = None
        try:
            try:
                self._guard.begin()
                if command["type"] == "complete":
                    answer = introspect.complete(command["before"], namespace)
                else:
                    answer = introspect.look(command["before"], command["detail"], namespace)
            finally:
                self._guard.end()
        except BaseException:
            # Names of the reader's may do anything when looked up; the answer is then that nothing is known.
            self._guard.end()
        self._channel.send({"type": "reply", "answer": answer})


def _move_sage_files(directory: str) -> None:
    """Points Sage's temporary files at ``directory``."""
    try:
        from sage.misc import temporary_file

        base = getattr(temporary_file, "TMP_DIR_FILENAME_BASE", None)
        if base is not None:
            base.name = directory
    except ImportError:
        pass
    misc = sys.modules.get("sage.misc.misc")
    if misc is not None and hasattr(misc, "SAGE_TMP"):
        misc.SAGE_TMP = directory


def main(descriptor: int, directory: str, namespace: dict[str, Any], rehearse: bool) -> None:
    """Runs a worker in the calling process, which must be a fresh fork; never returns."""
    code = 1
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        worker = Worker(descriptor, directory, namespace)
        worker.settle(rehearse)
        worker.serve()
        code = 0
    except EOFError:
        code = 0
    except BaseException as error:
        os.write(3, f"worker failed: {type(error).__name__}: {error}\n".encode()[:2000])
    finally:
        # Sage's own exit hooks would remove files that all forks share.
        os._exit(code)
