# SPDX-License-Identifier: GPL-2.0-or-later
"""On whose behalf something is done: the first frame that is not a mere go-between.

Compiled code has no frames; what it does is ascribed to the Python code that called it.
"""

from __future__ import annotations

import os
import sys
from types import FrameType

from .findings import findings

#: The reader's code, and text compiled at run time, whoever compiled it.
READER = "reader"
#: Sage's library, and the libraries that draw for it, which are known not to put into a result what they look at.
LIBRARY = "library"
#: Any other package: what it does with what it learns is not known.
FOREIGN = "foreign"
#: There is no caller but this package: what is shown at the end of a run, or done by a mode.
NOBODY = "nobody"
#: Not the caller that matters, but its go-between.
_BETWEEN = "between"

_STANDARD = os.path.dirname(os.path.realpath(os.__file__)) + os.sep
_STANDARD_AS_NAMED = os.path.dirname(os.__file__) + os.sep
#: This package's files.
OURS = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep

_LIBRARIES = (
    "sage", "matplotlib", "mpl_toolkits", "pexpect", "ptyprocess", "PIL", "networkx", "scipy", "numpy", "sympy",
    "mpmath", "kiwisolver", "cysignals", "cypari2", "ppl", "fontTools", "contourpy", "IPython",
)  # fmt: skip
#: Parts of Sage that tell their caller what they learnt, or do what it says.
_OPEN_PARTS = (
    "sage/misc/timing.py", "sage/misc/misc.py", "sage/misc/sage_timeit.py", "sage/misc/sage_timeit_class.py",
    "sage/misc/getusage.py", "sage/misc/prandom.py", "sage/interfaces/", "sage/parallel/", "sage/repl/",
    "sage/misc/lazy_import.py", "sage/misc/sage_eval.py", "sage/misc/decorators.py",
)  # fmt: skip
#: Exceptions to that: what they do is definite; and names of temporary files are looked for in the output.
_CLOSED_PARTS = ("sage/interfaces/tachyon.py", "sage/interfaces/gap_workspace.py", "sage/interfaces/process.py")
#: Generated code that only passes calls on.
_PASSING = ("<frozen ", "<__array_function__", "<decorator-gen", "<string> decorator")

_kinds: dict[str, str] = {}


def _below_packages(name: str) -> str | None:
    """The path of a file below the folder that holds the packages; None for what is in none."""
    # Sage built from source stands in its own tree.
    for mark, keep in (("/site-packages/", ""), ("/dist-packages/", ""), ("/src/sage/", "sage/")):
        _, found, below = name.rpartition(mark)
        if found:
            return keep + below
    return None


def _kind(name: str) -> str:
    if name.startswith("<"):
        return _BETWEEN if name.startswith(_PASSING) else READER
    if name.startswith(findings.directory):
        return READER
    if name.startswith(OURS):
        return _BETWEEN
    below = _below_packages(name)
    if below is None:
        if not name.startswith((_STANDARD, _STANDARD_AS_NAMED)):
            return FOREIGN
        return LIBRARY if name.endswith("/tempfile.py") else _BETWEEN
    if below.startswith(_OPEN_PARTS) and not below.startswith(_CLOSED_PARTS):
        return _BETWEEN
    return LIBRARY if below.split("/", 1)[0] in _LIBRARIES else FOREIGN


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
    return NOBODY, None


def who(depth: int = 2) -> str:
    """``READER``, ``LIBRARY``, ``FOREIGN`` or ``NOBODY``: on whose behalf the caller of the caller acts."""
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
