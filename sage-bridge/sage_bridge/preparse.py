# SPDX-License-Identifier: GPL-2.0-or-later
"""Sage's preparser, without those of its passes that have nothing to do."""

from __future__ import annotations

import re

from sage.repl import preparse as _sage

#: What any pass but those below looks for: quotes, comments, ``%``, line joins, statements side by side, ellipses,
#: generators (``R.<x>``, ``R.0``) and symbolic functions (``f(x) = ``), for which it takes ``2 = `` as well.
_SPECIAL = re.compile(r"""['"#%\\;]|\.[.<\d]|(?:\)|\b\d[\w.]*) *=""")
#: Without any of these none of that is there, which is known sooner.
_MARKS = frozenset("'\"#%\\;.=")
_INTEGER = re.compile(r"\b(\d+)")


def _with_integers(code: str) -> str:
    if not code.isascii():
        return _sage.preparse_numeric_literals(code)
    pieces = _INTEGER.split(code)
    for place in range(1, len(pieces), 2):
        digits, after = pieces[place], pieces[place + 1][:1]
        if after.isalpha() or after in ("_", ".") or (digits[0] == "0" and len(digits) > 1):
            # More than some digits: the preparser makes something else than an integer of it, or leaves it as it is.
            return _sage.preparse_numeric_literals(code)
        pieces[place] = f"Integer({digits})"
    return "".join(pieces)


def preparse(code: str) -> str:
    """As Sage's own ``preparse(code)``, whose passes take most of the time of a short run.

    Raises:
        SyntaxError, ValueError: as it does.
    """
    if _sage.implicit_mul_level or (not _MARKS.isdisjoint(code) and _SPECIAL.search(code) is not None):
        return _sage.preparse(code)
    return _with_integers(code).replace("^", "**").replace("****", "^")
