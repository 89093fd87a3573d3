# SPDX-License-Identifier: GPL-2.0-or-later
"""On whose behalf something is done: the first frame that is not a mere go-between.

Compiled code has no frames; what it does is ascribed to the Python code that called it.
"""

from __future__ import annotations

import os
import sys
from types import FrameType

#: The reader's code, and text compiled at run time, whoever compiled it.
READER = "reader"
#: Sage's library, and the libraries that draw for it, which are known not to put into a result what they look at.
LIBRARY = "library"
#: Any other package: what it does with what it learns is not known.
FOREIGN = "foreign"
#: Not the caller that matters, but its go-between.
_BETWEEN = "between"

_STANDARD = os.path.dirname(os.path.realpath(os.__file__)) + os.sep
_STANDARD_AS_NAMED = os.path.dirname(os.__file__) + os.sep
#: This package's files.
OURS = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep

_LIBRARIES = ("sage", "matplotlib", "mpl_toolkits", "pexpect", "ptyprocess", "PIL", "networkx", "scipy", "numpy", "sympy",
              "mpmath", "kiwisolver", "cysignals", "cypari2", "ppl", "fontTools", "contourpy", "IPython", "memory_allocator")  # fmt: skip
#: Parts of Sage that tell their caller what they learnt, or do what it says.
_OPEN_PARTS = (
    "sage/misc/timing.py", "sage/misc/misc.py", "sage/misc/sage_timeit.py", "sage/misc/sage_timeit_class.py",
    "sage/misc/getusage.py", "sage/misc/prandom.py", "sage/interfaces/", "sage/features/pkg_systems.py", "sage/parallel/",
    "sage/repl/", "sage/misc/lazy_import.py", "sage/misc/sage_eval.py", "sage/misc/decorators.py",
)  # fmt: skip
#: Generated code that only passes calls on.
_PASSING = ("<frozen ", "<__array_function__", "<decorator-gen", "<string> decorator")

_kinds: dict[str, str] = {}


def _kind(name: str) -> str:
    if name.startswith("<"):
        return _BETWEEN if name.startswith(_PASSING) else READER
    if name.startswith(OURS):
        return _BETWEEN
    for mark in ("/site-packages/", "/dist-packages/"):
        before, found, below = name.rpartition(mark)
        if found:
            break
    else:
        if name.startswith((_STANDARD, _STANDARD_AS_NAMED)):
            return _BETWEEN
        # Sage built from source stands in its own tree; compiled code names its file relative to it.
        _, found, below = name.rpartition("/src/sage/")
        below = "sage/" + below if found else name
    if below.startswith(_OPEN_PARTS):
        return _BETWEEN
    top = below.split("/", 1)[0]
    if top in _LIBRARIES:
        return LIBRARY
    return FOREIGN if name.startswith("/") and not name.endswith(".ipynb") else READER


def _skip(frame: FrameType | None) -> tuple[str, FrameType | None]:
    while frame is not None:
        name = frame.f_code.co_filename
        kind = _kinds.get(name)
        if kind is None:
            kind = _kind(name)
            if len(_kinds) < 5_000:
                _kinds[name] = kind
        if kind is not _BETWEEN:
            return kind, frame
        frame = frame.f_back
    return FOREIGN, None


def who(depth: int = 2) -> str:
    """``READER``, ``LIBRARY`` or ``FOREIGN``: on whose behalf the caller of the caller acts."""
    return _skip(sys._getframe(depth))[0]


def passes_through(*ends: str, depth: int = 2) -> bool:
    """Whether one of the files on the way to the caller that matters, or that caller's, ends like one of these."""
    frame: FrameType | None = sys._getframe(depth)
    _, last = _skip(frame)
    while frame is not None:
        if frame.f_code.co_filename.endswith(ends):
            return True
        if frame is last:
            return False
        frame = frame.f_back
    return False
