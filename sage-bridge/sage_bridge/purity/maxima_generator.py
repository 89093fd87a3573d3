# SPDX-License-Identifier: GPL-2.0-or-later
"""The generator of random numbers of the Maxima that runs within Sage."""

from __future__ import annotations

import contextlib
import ctypes
import functools
from typing import Any, Callable

_POINTER = ctypes.sizeof(ctypes.c_void_p)
#: The position in the words of a Mersenne twister, and so many of them as tell one generation from another, bytes.
_BOTH = ctypes.c_char * (4 + 32)


def _file_of(library: str) -> str:
    """Where a library was loaded from. Raises OSError when that is not known."""
    with open("/proc/self/maps", encoding="utf-8", errors="surrogateescape") as file:
        for line in file:
            path = line.rstrip("\n").partition("/")[2]
            if path.rpartition("/")[2].startswith(library):
                return f"/{path}"
    raise OSError(f"{library} is not loaded")


class MaximaGenerator:
    """Its state: which generator it is, and the position in its words.

    Running Lisp to learn that takes some 20 µs, and ten times as long in a process that has run none before; so the
    generator that Maxima starts with is looked at in memory, which Lisp never moves.
    """

    _STATE = "mt19937::*random-state*"
    _WORDS = f"(mt19937::random-state-state {_STATE})"

    def __init__(self) -> None:
        from sage.interfaces.maxima_lib import maxima_lib
        from sage.libs.ecl import EclObject

        EclObject(f"(defun sage-bridge-position () (aref {self._WORDS} 2))").eval()
        self._ask = EclObject("(sage-bridge-position)").eval
        self.draw = functools.partial(maxima_lib.eval, "random(10);")
        self._present = ctypes.c_size_t(0)
        self._first = -1
        self._words: Any = None
        with contextlib.suppress(OSError, AttributeError, RuntimeError, TypeError, ValueError):
            self._find(EclObject)

    def _find(self, lisp: Callable[[str], Any]) -> None:
        def address(text: str) -> int:
            return int(lisp(f"(si:pointer {text})").eval().python())

        of_array = ctypes.PyDLL(_file_of("libecl")).ecl_row_major_ptr
        of_array.restype = ctypes.c_void_p
        of_array.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t)
        # The position and the beginning of the words.
        self._words = _BOTH.from_address(int(of_array(ctypes.c_void_p(address(self._WORDS)), 2, 4)))
        # A symbol's value is the first thing in it. Asking for it by a call takes longer than all the rest.
        self._present = ctypes.c_size_t.from_address(address(f"'{self._STATE}") + _POINTER)
        first = address(self._STATE)
        lisp(f"(defparameter sage-bridge-first {self._STATE})").eval()
        lisp(f"(setf {self._STATE} (mt19937::make-random-state nil))").eval()
        is_other = self._present.value == address(self._STATE) != first
        lisp(f"(setf {self._STATE} sage-bridge-first)").eval()
        if is_other and self._present.value == first:
            self._first = first

    def __call__(self) -> Any:
        present = self._present.value
        if present == self._first:
            return self._words.raw
        try:
            return present, self._ask().python()
        except Exception:
            # Equal to nothing: what can't be read may have been drawn from.
            return object()
