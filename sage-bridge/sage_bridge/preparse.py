# SPDX-License-Identifier: GPL-2.0-or-later
"""Sage's preparser, without those of its passes that have nothing to do."""

from __future__ import annotations

import re

from sage.repl import preparse as _sage

#: What any pass but those below looks for: quotes, comments, ``%``, line joins, statements side by side, ellipses,
#: generators (``R.<x>``, ``R.0``) and symbolic functions (``f(x) = ``), for which it takes ``2 = `` as well.
_SPECIAL = re.compile(r"""['"#%\\;]|\.[.<\d]|(?:\)|\b\d[\w.]*) *=""")


def preparse(code: str) -> str:
    """As Sage's own ``preparse(code)``, whose passes take most of the time of a short run.

    Raises:
        SyntaxError, ValueError: as it does.
    """
    if _sage.implicit_mul_level or _SPECIAL.search(code) is not None:
        return _sage.preparse(code)
    return _sage.preparse_numeric_literals(code).replace("^", "**").replace("****", "^")
