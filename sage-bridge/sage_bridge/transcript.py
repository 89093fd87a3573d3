# SPDX-License-Identifier: GPL-2.0-or-later
"""What was typed at a prompt, and pasted with it: ``sage: 2+2``, ``>>> 2+2``, ``In [1]: 2+2``, as in Sage's manuals.

Without this ``sage: 2+2`` would be the annotation of a variable, which does nothing, and says nothing.
"""

from __future__ import annotations

import re

_PROMPT = re.compile(r"[ \t]*(?:sage:|>>>|In ?\[\d+\]:) ?")
_CONTINUED = re.compile(r"[ \t]*(?:\.\.\.\.:|\.\.\.:?) ?")
_FIRST = re.compile(r"\s*" + _PROMPT.pattern)
#: At the end of a line, these leave it unfinished.
_OPEN = (":", "\\", ",", "(", "[", "{")


def is_one(code: str) -> bool:
    """Whether the first line that is not blank begins with a prompt; asked before every run, so it is quick."""
    return (">>>" in code or "sage:" in code or "In" in code) and _FIRST.match(code) is not None


def _goes_on(line: str) -> bool:
    return line.rstrip().endswith(_OPEN) and not line.lstrip().startswith("#")


def code_of(text: str) -> str:
    """The code of a transcript, each line where it was: without prompts, and without what was answered."""
    lines = []
    # The line before, if it was code; and whether it had no prompt, as when only the first line of a statement has.
    last, is_bare = "", False
    for line in text.split("\n"):
        prompt = _PROMPT.match(line) or (_CONTINUED.match(line) if last and not is_bare else None)
        if prompt is not None:
            last, is_bare = line[prompt.end() :] or " ", False
        elif line.strip() and (_goes_on(last) or (is_bare and line[:1].isspace())):
            last, is_bare = line, True
        else:
            last, is_bare = "", False
        lines.append(last.rstrip() and last)
    return "\n".join(lines)
