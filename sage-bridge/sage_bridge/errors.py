# SPDX-License-Identifier: GPL-2.0-or-later
"""Exceptions of the reader's code as data: only the reader's frames and what is below them."""

from __future__ import annotations

import linecache
import os
import traceback
import warnings
from types import TracebackType
from typing import Any

#: How the reader's code is called in a traceback.
CELL = "<cell>"
#: Longest message and longest traceback, characters: a huge argument must not hide the error.
MAX_MESSAGE = 20_000
MAX_TRACEBACK = 60_000
#: Earlier cells whose source is kept for tracebacks and for ``inspect``.
MAX_CELLS = 200

_HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep


class Cells:
    """Names the reader's pieces of code, and keeps their source where tracebacks look for it."""

    def __init__(self) -> None:
        self._count = 0

    def add(self, code: str) -> str:
        """Remembers ``code`` and returns the file name to compile it under."""
        self._count += 1
        name = f"<cell {self._count}>"
        lines = [line + "\n" for line in code.split("\n")] if "\n" in code else [code + "\n"]
        linecache.cache[name] = (len(code), None, lines, name)
        linecache.cache.pop(f"<cell {self._count - MAX_CELLS}>", None)
        return name

    def forget(self) -> None:
        """Starts numbering anew and drops every source."""
        while self._count:
            linecache.cache.pop(f"<cell {self._count}>", None)
            self._count -= 1


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most // 2]}\n… cut …\n{text[-most // 2 :]}"


def _text_of(error: BaseException) -> str:
    try:
        return str(error)
    except Exception as failure:
        return f"<the message could not be made: {type(failure).__name__}>"


def _own(filename: str) -> bool:
    return filename.startswith(_HERE)


def keep_out_of_warnings() -> None:
    """Has a warning that is said to come from this package, since it was meant for a caller's caller, name the cell."""
    formatted = warnings.formatwarning

    def formatwarning(message: Any, category: Any, filename: str, lineno: int, line: Any = None) -> str:
        if _own(filename):
            return f"{CELL}: {category.__name__}: {message}\n"
        return formatted(message, category, filename, lineno, line)

    warnings.formatwarning = formatwarning


def _visible(trace: TracebackType | None) -> TracebackType | None:
    while trace is not None and _own(trace.tb_frame.f_code.co_filename):
        trace = trace.tb_next
    return trace


def _line(trace: TracebackType | None, name: str) -> int | None:
    found = None
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == name:
            found = trace.tb_lineno
        trace = trace.tb_next
    return found


def _clean(summary: Any, name: str, seen: set[int]) -> None:
    # Chained exceptions carry the frames of this package too.
    if summary is None or id(summary) in seen:
        return
    seen.add(id(summary))
    if summary.stack is not None:
        frames = [frame for frame in summary.stack if not _own(frame.filename)]
        for frame in frames:
            if frame.filename.startswith("<cell "):
                # Columns are those of the preparsed text: carets would point beside the fault.
                for column in ("colno", "end_colno"):
                    if hasattr(frame, column):
                        setattr(frame, column, None)
                frame.filename = CELL if frame.filename == name else "<earlier cell>"
        summary.stack[:] = frames
    if isinstance(getattr(summary, "filename", None), str) and summary.filename.startswith("<cell "):
        summary.filename = CELL
    _clean(summary.__cause__, name, seen)
    _clean(summary.__context__, name, seen)


def describe(error: BaseException, name: str) -> dict[str, Any]:
    """The ``error`` output for an exception that escaped from the cell compiled under ``name``."""
    trace = _visible(error.__traceback__)
    title = type(error).__name__
    message = _text_of(error)
    try:
        summary = traceback.TracebackException(type(error), error, trace)
        _clean(summary, name, set())
        text = "".join(summary.format())
    except Exception:
        text = f"{title}: {message}\n"
    output = {
        "kind": "error",
        "name": title,
        "message": _cut(message, MAX_MESSAGE),
        "traceback": _cut(text.rstrip("\n"), MAX_TRACEBACK),
    }
    line = _line(trace, name)
    if line is not None and line >= 1:
        output["line"] = line
    return output


def describe_syntax(error: SyntaxError, code: str) -> dict[str, Any]:
    """The ``error`` output for code that could not be compiled: nothing of it ran."""
    lines = code.split("\n")
    title = type(error).__name__
    message = str(error.msg or "invalid syntax")
    number = error.lineno
    if number is None:
        return {"kind": "error", "name": title, "message": message, "traceback": f"{title}: {message}"}
    number = min(max(number, 1), max(len(lines), 1))
    shown = lines[number - 1]
    text = f'  File "{CELL}", line {number}\n    {shown.strip()}\n'
    # The offset counts in the preparsed line; it means something only where that line is the reader's own.
    if error.text is not None and error.text.rstrip("\n") == shown and error.offset:
        indent = len(shown) - len(shown.lstrip())
        text += f"    {' ' * max(error.offset - 1 - indent, 0)}^\n"
    text += f"{title}: {message}"
    return {"kind": "error", "name": title, "message": message, "traceback": text, "line": number}
