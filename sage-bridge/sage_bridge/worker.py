# SPDX-License-Identifier: GPL-2.0-or-later
"""One worker: a fork of the zygote that waits for commands, runs the reader's code and is then thrown away."""

from __future__ import annotations

import _signal
import json
import os
import signal
from typing import Any

from sage.misc import session

from . import errors, interact, introspect, prompt, salvus, shell, streams
from .channel import Channel, Guard
from .display import Screen
from .execute import Interpreter
from .files import Folder
from .media import install_figures
from .modes import Modes
from .purity import Watch
from .sandbox import ROUNDS, reseed
from .wire import dumps, encode, framed, quoted

#: Without the names that the library makes of the signals it returns, which nobody needs here.
_mask = _signal.pthread_sigmask
_INTERRUPT = (signal.SIGINT,)

#: Run once in the zygote, through the very path the reader's code takes, so that whatever loads or allocates on
#: first use has done so before any fork.
FULL_REHEARSAL = (
    ("print(2+2)\nprint('a', 1.5)", False),
    ("integrate(sin(x)^2, x)", True),
    ("show([1/2, x^2])\nmatrix(2, [1, 2, 3, 4])", False),
    ("plot(sin(x), (x, 0, 1))", False),
    ("1/0", False),
    ("for", False),
    ("@interact\ndef _(n=(0, 3)):\n    print(n)", False),
)
#: Run again in every worker before it is offered, so that the memory pages which every run writes to are the
#: worker's own already. More would be quicker for some runs, and cost every parked worker its memory.
REHEARSAL = ("print(2+2)", "2^3")
_PRACTICE = {"type": "execute", "number": 0, "language": "sage", "typeset": False, "expressions": None}


class Worker:
    """Serves the supervisor's commands until it closes the channel.

    Made and rehearsed in the zygote, so that what every worker needs is made once; ``settle`` in the fork.
    """

    def __init__(self, descriptor: int, namespace: dict[str, Any]) -> None:
        """``descriptor``: where the control socket will be. ``namespace``: the globals of the reader's code."""
        self._guard = Guard()
        self._channel = Channel(descriptor, self._guard)
        self._screen = Screen(self._channel)
        self._interpreter = Interpreter(namespace, self._screen, self._guard, self._channel)
        self._folder = Folder()
        self._interpreter.modes = Modes(self._interpreter, self._screen)
        self._interpreter.leavings = [self._screen.figures_left, self._folder.offers]
        self._interacts = interact.install(namespace, self._interpreter, self._screen, self._channel)
        self._interpreter.interacts = self._interacts
        salvus.install(namespace, self._screen, self._folder, self._interpreter.modes)
        self._guard.install()
        self._screen.install()
        install_figures(self._screen)
        prompt.install(self._channel)
        shell.install(self._guard)
        errors.keep_out_of_warnings()
        self._watch = Watch()
        streams.install(self._channel)
        # What is there by now is none of the reader's: ``show_identifiers`` and ``save_session`` leave it out.
        session.init(namespace)

    def rehearse(self) -> None:
        """The full rehearsal, unheard because the channel is nobody's yet; leaves no name in the namespace."""
        reseed()
        for code, typeset in FULL_REHEARSAL:
            self._run(code, "sage", typeset)
        # The last of these made an interact.
        frame = {"interact": self._interacts.newest, "values": {"n": 1.5}, "changed": ["n"]}
        self._interpreter.run("", frame=frame)
        self._interacts.leaves_unchanged()
        namespace = self._interpreter.namespace
        introspect.complete("fac", namespace)
        introspect.look("factor", "docstring", namespace)
        introspect.look("prime_pi", "source", namespace)
        self._interpreter.forget()
        # Until the interpreter has adapted all that every worker will run: what it does here it need not do there.
        with self._channel.to_nobody() as supervisor:
            for _ in range(ROUNDS):
                for code in REHEARSAL:
                    supervisor.send(encode({**_PRACTICE, "code": code}))
                    self._obey(self._channel.receive())
                self._interpreter.forget()

    def _touch(self) -> None:
        for code in REHEARSAL:
            # Nobody has to be told.
            framed(self._perform(json.loads(dumps({**_PRACTICE, "code": code}))))
            self._watch.prepare()
        self._interpreter.forget()

    def settle(self, directory: str, hurry: bool) -> None:
        """Makes this process its own: channel, directory, touched memory. It has entered its sandbox already.

        Args:
            directory: private, empty, the working directory.
            hurry: somebody waits, so that the run itself may as well be the first.
        """
        self._channel.own()
        self._folder.settle(directory)
        self._watch.settle(directory)
        if not hurry:
            self._touch()
        streams.Stream._last = None
        _mask(signal.SIG_BLOCK, _INTERRUPT)
        self._watch.prepare()
        self._channel.send({"type": "parked"})

    def live(self, directory: str, hurry: bool) -> None:
        """Settles and serves in the calling process, which must be a fresh fork; never returns."""
        code = 1
        try:
            self.settle(directory, hurry)
            self.serve()
            code = 0
        except (EOFError, BrokenPipeError):
            code = 0
        except BaseException as error:
            os.write(2, f"worker failed: {type(error).__name__}: {error}\n".encode("utf-8", "replace")[:2000])
        finally:
            # Sage's own exit hooks would remove files that all forks share.
            os._exit(code)

    def serve(self) -> None:
        """Obeys commands, one after the other, until the supervisor is gone."""
        while True:
            try:
                command = self._channel.receive()
            except EOFError:
                return
            self._obey(command)

    def _obey(self, command: dict[str, Any]) -> None:
        if command["type"] == "execute":
            if not self._channel.send_text(self._perform(command)):
                # A child that the reader's code forked has run to the end of that code.
                os._exit(0)
            self._watch.prepare()
        elif command["type"] in ("complete", "inspect"):
            self._introspect(command)

    def _run(self, *arguments: Any) -> tuple[str, list[dict[str, Any]], str | None]:
        # Status, outputs, and why it was not pure. Outside of runs SIGINT is blocked: compiled code that is asked for
        # the state of its generators must not be interrupted in the middle.
        self._watch.begin()
        _mask(signal.SIG_UNBLOCK, _INTERRUPT)
        status, outputs = self._interpreter.run(*arguments)
        _mask(signal.SIG_BLOCK, _INTERRUPT)
        return status, outputs, self._watch.end(status, outputs)

    def _perform(self, command: dict[str, Any]) -> str:
        # The ``done`` of the run, JSON.
        streams.Stream._last = None
        files = self._folder.changes
        status, outputs, impurity = self._run(
            command["code"],
            command["language"],
            command["typeset"],
            command["number"],
            command["expressions"],
            command.get("frame"),
        )
        shown, reason = dumps(outputs) if outputs else "[]", quoted(impurity) if impurity else "null"
        text = f'{{"type":"done","status":"{status}","outputs":{shown},"impurity":{reason}'
        if status == "ok" and command["expressions"]:
            text += f',"expressions":{dumps(self._interpreter.values)}'
        is_frame = command.get("frame") is not None
        if is_frame and status == "ok" and impurity is None and self._leaves_unchanged(files):
            text += ',"unchanged":true'
        return f"{text}}}"

    def _leaves_unchanged(self, files: int) -> bool:
        # Draws from a generator with a seed are foreseeable, but they move it. The interacts are asked last: where
        # nothing changed they put back what their controls held.
        return self._folder.changes == files and self._watch.is_untouched() and self._interacts.leaves_unchanged()

    def _introspect(self, command: dict[str, Any]) -> None:
        namespace = self._interpreter.namespace
        answer = None
        _mask(signal.SIG_UNBLOCK, _INTERRUPT)
        try:
            try:
                self._channel.begin(command["number"])
                if command["type"] == "complete":
                    answer = introspect.complete(command["before"], namespace)
                else:
                    answer = introspect.look(command["before"], command["detail"], namespace)
            finally:
                self._guard.end()
        except BaseException:
            # Names of the reader's may do anything when looked up; the answer is then that nothing is known.
            self._guard.end()
        _mask(signal.SIG_BLOCK, _INTERRUPT)
        self._channel.send({"type": "reply", "answer": answer})
