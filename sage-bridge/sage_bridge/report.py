# SPDX-License-Identifier: GPL-2.0-or-later
"""What is told of a session's executions: their states, their output, their ends. No worker's claim is believed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Iterable

from . import log
from .execution import Execution, pieces
from .limits import MAX_OUTPUT_MESSAGE_BYTES, RETRY_AFTER_MS, TOLD_AFTER_SECONDS
from .outlet import Outlet
from .watchdog import limit_of
from .wire import dumps, quoted

if TYPE_CHECKING:
    from .supervisor import Supervisor


_INTERACT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")

_PLAIN = {True: "true", False: "false"}


def _stream(name: str, text: str) -> str:
    """An output of text, as JSON."""
    return f'{{"kind":"stream","name":"{name}","text":{quoted(text)}}}'


class Report:
    """One session's, written to its outlet.

    Attributes:
        fingerprint: of all that the worker's answers may depend on.
    """

    def __init__(self, supervisor: Supervisor, session: str, outlet: Outlet) -> None:
        self._supervisor = supervisor
        self._session = session
        self._outlet = outlet
        self.fingerprint = ""

    def state(self, execution: Execution, state: str, position: int | None = None) -> None:
        """It is ``queued``, behind ``position`` others, or ``running``; told once."""
        if execution.is_replay or execution.announced == f"{state}{position}":
            return
        execution.announced = f"{state}{position}"
        fields: dict[str, Any] = {"execution": execution.id, "state": state}
        if position is not None:
            fields["position"] = position
        self._outlet.emit("status", fields)

    def lasting(self, running: Execution, waiting: Iterable[Execution], now: float) -> None:
        """Tells the states that last: of what runs in a session, and of what waits for that to end."""
        if running.announced is None and now - running.started > TOLD_AFTER_SECONDS:
            self.state(running, "running")
        for place, execution in enumerate(waiting, start=1):
            if execution.announced is None and now - execution.asked > TOLD_AFTER_SECONDS:
                self.state(execution, "queued", place)

    def text(self, execution: Execution, name: str, text: str) -> None:
        """Text it wrote to ``stdout`` or ``stderr``."""
        execution.marks.text(name, text)
        for piece in pieces(text):
            size = len(piece) if piece.isascii() else len(piece.encode("utf-8", "replace"))
            self._put_out(execution, _stream(name, piece), size)

    def value(self, execution: Execution, output: Any) -> None:
        """An output as the worker gave it; what is out of shape is dropped."""
        if not self._supervisor.is_output(output):
            return
        if output["kind"] == "prompt":
            execution.is_asking = True
            execution.prompts += 1
        text = dumps(output)
        execution.marks.whole(text)
        size = len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
        if size > MAX_OUTPUT_MESSAGE_BYTES:
            text = _stream("stderr", "\n[an output was dropped: it was too large]\n")
            size = len(text)
        self._put_out(execution, text, size)

    @staticmethod
    def within(execution: Execution, interact: Any) -> None:
        """From here on what it puts out belongs to that interact; None for its own output."""
        if interact is None or (isinstance(interact, str) and _INTERACT_ID.fullmatch(interact)):
            execution.within = interact

    def _put_out(self, execution: Execution, output: str, size: int) -> None:
        refusal = execution.admit(size)
        if refusal == "":
            return
        if refusal is not None:
            output = _stream("stderr", refusal)
        if not execution.is_replay:
            within = f',"frame":"{execution.within}"' if execution.within is not None else ""
            self._outlet.emit_text(f'{{"type":"output","execution":"{execution.id}","output":{output}{within}')

    def verdict(self, execution: Execution, frame: dict[str, Any]) -> dict[str, Any]:
        """What the ``done`` of a run that ended by itself says besides its status, from the worker's ``frame``."""
        status, expressions = frame.get("status"), frame.get("expressions")
        told: dict[str, Any] = {}
        if status == "ok" and expressions is not None and self._supervisor.are_expressions(expressions):
            told["expressions"] = expressions
            execution.marks.whole(dumps(expressions))
        told["pure"] = pure = (
            frame.get("impurity", "unknown") is None
            and not execution.truncated
            and not execution.marks.found
            # A worker from before something was installed must not speak for those after it.
            and self.fingerprint == self._supervisor.fingerprint
        )
        if execution.is_frame and pure and status == "ok" and frame.get("unchanged") is True:
            told["unchanged"] = True
        outputs = frame.get("outputs")
        if status == "error" and isinstance(outputs, list):
            limits = [limit_of(one) for one in outputs if isinstance(one, dict) and one.get("kind") == "error"]
            told["limit"] = next(filter(None, limits), None)
        return told

    def lost(self, execution: Execution, code: str, message: str) -> None:
        """It was never run."""
        error: dict[str, Any] = {"code": code}
        if code in ("busy", "too-many"):
            error["retryAfterMs"] = RETRY_AFTER_MS
        self.done(execution, "lost", message=message, error=error)

    def done(self, execution: Execution, status: str, cpu: float = 0.0, **rest: Any) -> None:
        """Its end. ``cpu``: processor seconds of the worker meanwhile; fields that are None are left out."""
        wall = self._supervisor.now() - execution.started if execution.started else 0.0
        if rest.get("limit") is None:
            rest["limit"] = execution.exceeded
        if status in ("timeout", "killed", "lost"):
            named = {"session": self._session, "execution": execution.id}
            log.info("an execution did not end by itself", **named, status=status, limit=rest["limit"])
        wall_ms, cpu_ms = round(wall * 1_000, 3), round((cpu + execution.cpu_children) * 1_000, 3)
        truncated = _PLAIN[execution.truncated]
        text = (
            f'{{"type":"done","execution":"{execution.id}","status":"{status}","wallMs":{wall_ms},"cpuMs":{cpu_ms}'
            f',"cached":false,"truncated":{truncated}'
        )
        for name, value in rest.items():
            if value is not None:
                text += f',"{name}":{_PLAIN[value] if value is True or value is False else dumps(value)}'
        if not execution.is_replay:
            self._outlet.emit_text(text)
        else:
            self._outlet.aside_text(f'{text},"session":"{self._session}"}}')
