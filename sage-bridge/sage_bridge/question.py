# SPDX-License-Identifier: GPL-2.0-or-later
"""``name?`` and ``name??`` as the last line of a cell: documentation or source, shown as its value."""

from __future__ import annotations

import re
from typing import Any

from . import introspect

#: A chain of names, stars allowed, and one or two question marks; nothing else on the line.
_QUESTION = re.compile(r"[^\W\d][\w.*]*\s*\?\??|\?\??\s*[^\W\d][\w.*]*")


def at_end(code: str) -> tuple[str, str] | None:
    """The code before a question that is its last line, and the question as ``name?``; None when there is none."""
    before, _, last = code.rstrip().rpartition("\n")
    asked = last.strip()
    if not _QUESTION.fullmatch(asked):
        return None
    name = asked.strip("? ")
    return before, name + "?" * asked.count("?")


def answer(question: str, namespace: dict[str, Any]) -> str:
    """What there is to tell.

    Raises:
        NameError: nothing of that name is known.
    """
    found = introspect.look(question, "docstring", namespace)
    if not found["found"]:
        name = question.rstrip("?")
        raise NameError(f"nothing is known of {name!r}")
    parts = [found.get("signature"), found.get("source") or found.get("docstring"), found.get("location")]
    return "\n\n".join(part.strip("\n") for part in parts if part) or "There is no documentation."
