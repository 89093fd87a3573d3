# SPDX-License-Identifier: GPL-2.0-or-later
"""One execution as the supervisor keeps its books: what it may take, what it took, how it ends."""

from __future__ import annotations

import itertools
from typing import Any

from .limits import MAX_EXECUTION_MESSAGES, MAX_EXECUTION_OUTPUT_BYTES, MAX_STREAM_LENGTH, RunLimits
from .purity.marks import Marks
from .wire import dumps, quoted

#: Numbers of commands to workers, by which an interrupt finds the one it is meant for.
numbers = itertools.count(1)

_MARK = "\n[further output was dropped: an execution may put out at most {}]\n"


class Execution:
    """From ``execute`` to ``done``.

    Attributes:
        interrupted: somebody asked for it to stop.
        is_replay: what it puts out was told before and is not told again.
        is_frame: it runs an interact in the place of code.
        within: the interact into whose output goes what it puts out now; None for its own.
        is_asking: a question of it waits for the reader's answer.
        prompts: how often it has asked.
        limit: the limit that ends it, or None.
        exceeded: the limit for which output was dropped while it went on, or None.
        asked: when it was asked for, on the loop's clock.
        started: when it began, on the loop's clock; 0 while it waits.
        language: what the code is written in.
        command: what the worker is told, JSON.
        announced: the last state told in a ``status``, or None.
        marks: what its output shows of where it ran.
        kill_at: when it is to be killed if it still runs, or None.
    """

    # What most executions leave as it is: to write it into each would take as long as all the rest.
    within: str | None = None
    interrupted = False
    is_asking = False
    prompts = 0
    limit: str | None = None
    exceeded: str | None = None
    started = 0.0
    cpu_started = 0.0
    cpu_children = 0.0
    checked = 0.0
    announced: str | None = None
    kill_at: float | None = None
    truncated = False
    _bytes = 0
    _messages = 0

    def __init__(self, message: dict[str, Any], limits: RunLimits, now: float) -> None:
        self.id: str = message["execution"]
        self.language: str = message.get("language", "sage")
        self.limits = limits.lowered(message.get("limits"))
        self.number = next(numbers)
        typeset = "true" if message.get("typeset", False) else "false"
        expressions, frame = message.get("expressions"), message.get("frame")
        self.is_frame = frame is not None
        within = f',"frame":{dumps(frame)}' if frame is not None else ""
        self.command = (
            f'{{"type":"execute","number":{self.number},"code":{quoted(message["code"])},"language":"{self.language}"'
            f',"typeset":{typeset},"expressions":{"null" if expressions is None else dumps(expressions)}'
            f"{within}}}"
        )
        self.is_replay: bool = message.get("replay", False)
        self.asked = now
        self.marks = Marks()

    def admit(self, size: int) -> str | None:
        """Counts one output message of ``size`` bytes.

        Returns:
            None when it may go out, else a text to be shown in its place, which is empty but once.
        """
        if self.truncated:
            return ""
        if self._messages >= MAX_EXECUTION_MESSAGES - 2:
            self.truncated = True
            self.exceeded = "messages"
            return _MARK.format(f"{MAX_EXECUTION_MESSAGES:,} messages")
        if self._bytes + size > MAX_EXECUTION_OUTPUT_BYTES - 1_000:
            self.truncated = True
            self.exceeded = "output"
            return _MARK.format(f"{MAX_EXECUTION_OUTPUT_BYTES:,} bytes")
        self._bytes += size
        self._messages += 1
        return None


def pieces(text: str) -> list[str]:
    """``text`` cut so that none is longer than the wire allows, counted as JavaScript counts."""
    text = text.replace("\0", "\ufffd")
    step = MAX_STREAM_LENGTH if text.isascii() else MAX_STREAM_LENGTH // 2
    return [text[start : start + step] for start in range(0, len(text), step)]
