# SPDX-License-Identifier: GPL-2.0-or-later
"""``time`` and ``timeit`` in front of code, as Sage's notebook and IPython take them: without ``%``."""

from __future__ import annotations

import re

#: What stands where Python has an error, unless the word is a name there: ``time = 1`` and ``time(2)`` have none.
_BARE = re.compile(r"time(?:it)?[ \t]+(?=[^\s?])")


def with_mark(code: str, number: int | None) -> str | None:
    """The code with the ``%`` that line ``number`` lacks, counted from 1; None if it is no such line."""
    lines = code.split("\n")
    if number is None or not 1 <= number <= len(lines) or _BARE.match(lines[number - 1]) is None:
        return None
    lines[number - 1] = "%" + lines[number - 1]
    return "\n".join(lines)
