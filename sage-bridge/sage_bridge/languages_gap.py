# SPDX-License-Identifier: GPL-2.0-or-later
"""GAP, through the library of it that Sage has."""

from __future__ import annotations

import importlib.util
from typing import Any

from .languages_errors import LanguageError
from .languages_statements import statements
from .modes_syntax import Code

_GAP_BLOCKS = {"function": 1, "end": -1, "if": 1, "fi": -1, "do": 1, "od": -1, "repeat": 1, "until": -1}
_GAP_READ = """function(text) local read;
read := READ_ALL_COMMANDS(InputTextString(text), false, false, function(x) ViewObj(x); Print("\\n"); end);
return ForAll(read, one -> one[1] = true); end"""
#: What GAP has said about errors, from there on; it may hold bytes that are no text.
_GAP_SAID = """function(start) return Filtered(libgap_errout{[start + 1 .. Length(libgap_errout)]},
one -> IntChar(one) < 127); end"""
#: GAP keeps a line to itself until it ends; this sign has it write what there is.
_GAP_FLUSH = 'function() Print("\\c"); end'
_gap_functions: list[Any] = []


def is_here() -> bool:
    """Whether Sage has GAP's library."""
    try:
        return importlib.util.find_spec("sage.libs.gap.libgap") is not None
    except (ImportError, ValueError):
        return False


def run(code: Code) -> None:
    """Runs code statement by statement; the values of those that end in one semicolon are printed.

    Raises:
        LanguageError: GAP refuses a statement; those before it have been carried out.
    """
    from sage.libs.gap.libgap import libgap

    if not _gap_functions:
        length = "function() return Length(libgap_errout); end"
        _gap_functions.extend(map(libgap.eval, (_GAP_READ, _GAP_SAID, length, _GAP_FLUSH)))
    read, said, length, flush = _gap_functions
    try:
        _run(code, read, said, length)
    finally:
        flush()


def _run(code: Code, read: Any, said: Any, length: Any) -> None:
    from sage.libs.gap.util import GAPError

    for statement in statements(code, ";", "\"'", (("#", "\n"),), _GAP_BLOCKS):
        before = length()
        try:
            is_good = bool(read(statement if statement.endswith(";") else statement + ";"))
        except (GAPError, SystemError, RuntimeError) as error:
            # The error that GAP was left with comes wrapped in the one that Python makes of that.
            raise LanguageError(str(error.__cause__ or error).strip()) from None
        if not is_good:
            raise LanguageError(str(said(before).sage()).strip())
