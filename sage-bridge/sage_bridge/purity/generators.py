# SPDX-License-Identifier: GPL-2.0-or-later
"""States of the generators of random numbers, read without changing them.

Every draw leaves a trace in the state, also one made by compiled code. States are read from memory where the
interpreter offers no quick way; that each reading works is tried once, in the zygote.
"""

from __future__ import annotations

import ctypes
import functools
import random
import struct
import sys
from typing import Any, Callable

from .gap import gap
from .maxima_generator import MaximaGenerator
from .pari_generator import PariGenerator

_OBJECT_HEAD = object.__basicsize__
_POINTER = ctypes.sizeof(ctypes.c_void_p)
_NONE = id(None)
#: Words of a Mersenne twister, bytes. A draw moves the position in them; when all are used up they are made anew.
_WORDS = 624 * 4
#: So many of them tell one generation of words from another, bytes.
_SAMPLE = 32

#: A view of memory that copies what it shows when asked for its ``raw``; to make one takes longer than to ask it.
_Sample = ctypes.c_char * _SAMPLE
_Position = ctypes.c_char * 4
_Both = ctypes.c_char * (4 + _SAMPLE)
_Fields = ctypes.c_char * (6 * _POINTER)


class _Twister:
    """One as NumPy and GMP keep it: first the words, then the position."""

    __slots__ = ("position", "words")

    def __init__(self, address: int) -> None:
        self.words = _Sample.from_address(address)
        self.position = _Position.from_address(address + _WORDS)


def _view_of_python(address: int) -> Any:
    """One of Python's own generators: behind the head of the object stand the position, then the words."""
    return _Both.from_address(address + _OBJECT_HEAD)


def of_python(generator: random.Random) -> bytes:
    """State of one of Python's own generators."""
    return _view_of_python(id(generator)).raw


class _Sage:
    """States of one of Sage's ``randstate`` objects: of GMP's generator and, once there is one, of Python's.

    Behind the head and one pointer stand GMP's number (allocated limbs, size, address) that holds the first, the
    kind of generator, its functions, the seed and Python's generator.
    """

    __slots__ = ("_fields", "_python", "_seen", "_twister", "state")

    def __init__(self, state: Any) -> None:
        """``state`` is kept: what is looked at lies within it."""
        self.state = state
        self._fields = _Fields.from_address(id(state) + _OBJECT_HEAD + _POINTER)
        self._seen = b""

    def _follow(self, fields: bytes) -> None:
        """Makes views of what the fields point at."""
        self._seen = fields
        _, address, _, _, _, python = struct.unpack("6N", fields)
        self._twister = _Twister(address)
        self._python = _view_of_python(python) if python and python != _NONE else None

    def __call__(self) -> tuple[bytes, bytes, bytes | None]:
        fields = self._fields.raw
        if fields != self._seen:
            self._follow(fields)
        twister, own = self._twister, self._python
        return twister.words.raw, twister.position.raw, None if own is None else own.raw


class _NumPy:
    """The global generator of ``numpy.random``, whose address stays the same."""

    def __init__(self) -> None:
        from numpy.random import mtrand

        self.generator = mtrand._rand
        self.twister = _Twister(self.generator._bit_generator.ctypes.state_address)


class _CLibrary:
    """The C library's ``random``, made to keep its state where it can be read. One for a process: it writes there."""

    def __init__(self) -> None:
        library = ctypes.CDLL(None)
        self.state = ctypes.create_string_buffer(128)
        library.initstate.restype = ctypes.c_void_p
        library.initstate(ctypes.c_uint(1), self.state, ctypes.c_size_t(128))
        self.draw = library.random


@functools.cache
def _c_library() -> _CLibrary:
    return _CLibrary()


PYTHON, NUMPY, SAGE = "python", "numpy", "sage"
#: What all share, in the order in which their states are read.
_SHARED = (SAGE, PYTHON, NUMPY, "pari", "maxima", "c library")


class Generators:
    """All states of one process. ``begin`` and ``drawn`` take some microseconds while GAP has not been started."""

    def __init__(self) -> None:
        from sage.misc.randstate import current_randstate

        self._current: Callable[[], Any] = current_randstate
        self._pari = PariGenerator()
        self._numpy = _NumPy()
        self._c_library: _CLibrary | None = None
        try:
            self._maxima: MaximaGenerator | None = MaximaGenerator()
        except (ImportError, RuntimeError):
            # Without it nobody can draw from it.
            self._maxima = None
        self._sage = _Sage(current_randstate())
        self._python = random._inst
        self._view = _view_of_python(id(self._python))
        self._states: tuple[Any, ...] = ()
        self._found: tuple[Any, ...] | None = None
        self._seeded: set[str] = set()
        self._own: dict[int, tuple[random.Random, bytes]] = {}

    def own_c_library(self) -> None:
        """From here on watches the C library too. For the zygote."""
        try:
            self._c_library = _c_library()
        except AttributeError:
            # Only some C libraries let their state be moved.
            self._c_library = None

    def _read(self) -> tuple[Any, ...]:
        # All in one place: every run waits for it, and each call would take as long as what it reads.
        if random._inst is not self._python:
            self._python = random._inst
            self._view = _view_of_python(id(self._python))
        numpy, library = self._numpy.twister, self._c_library
        return (
            self._sage(),
            self._view.raw,
            (numpy.words.raw, numpy.position.raw),
            self._pari(),
            self._maxima() if self._maxima is not None else None,
            library.state.raw if library is not None else None,
        )

    def begin(self) -> None:
        """Remembers the present states."""
        self._sage = _Sage(self._current())
        self._found = None
        self._states = self._read()
        gap.begin()

    def begin_again(self) -> None:
        """As ``begin``, but from the states that ``drawn`` has just found, where it did: reading them takes time."""
        if self._found is None or self._current() is not self._sage.state:
            self.begin()
        else:
            self._states, self._found = self._found, None
            gap.begin()

    def drawn(self) -> str | None:
        """A generator that somebody has drawn from since ``begin`` though no run has given it a seed, or None."""
        self._found = states = self._read()
        if states != self._states:
            for name, state, before in zip(_SHARED, states, self._states):
                if state != before and name not in self._seeded:
                    return name
        for generator, state in self._own.values():
            if of_python(generator) != state:
                return "a generator without a seed"
        return "gap" if gap.drawn() else None

    def keep_watch(self, generator: random.Random) -> None:
        """The run has made a generator without a seed: draws from it count."""
        self._own[id(generator)] = (generator, of_python(generator))

    def lose_sight(self, generator: random.Random) -> None:
        """A generator is given a seed: draws from now on do not count."""
        self._own.pop(id(generator), None)

    def is_untouched(self) -> bool:
        """Whether nobody has drawn since ``begin`` from what all share."""
        return self._read() == self._states

    def is_still(self) -> bool:
        """Whether all is as it was at ``begin``: nobody has drawn, or given a seed."""
        return self._current() is self._sage.state and self.is_untouched() and not gap.drawn()

    def start_anew(self) -> None:
        """What was drawn from what all share since ``begin`` does not count."""
        self._states = self._read()

    def end(self, pure: bool) -> None:
        """The run is over. Generators of Sage's that a pure run put in place were given a seed: foreseeable."""
        if self._current() is not self._sage.state:
            (self._seeded.add if pure else self._seeded.discard)(SAGE)

    def seeded(self, name: str) -> bool:
        """The run is about to give ``PYTHON`` or ``NUMPY`` a seed; False when it had drawn from it before."""
        place = _SHARED.index(name)
        before = self._states[place] if self._states else None
        if name not in self._seeded and before != self._read()[place]:
            return False
        self._seeded.add(name)
        return True

    def unseeded(self, name: str) -> None:
        """The run makes one unforeseeable again."""
        self._seeded.discard(name)


def try_out() -> list[str]:
    """Draws from every generator; the names of those where that can't be seen. For the zygote only."""
    from sage.libs.pari.all import pari
    from sage.misc.randstate import current_randstate

    generators = Generators()
    generators.own_c_library()
    numpy = sys.modules["numpy"]
    draws: dict[str, Callable[[], Any]] = {
        "sage": lambda: current_randstate().c_random(),
        "sage, its python": lambda: current_randstate().python_random().random(),
        "python": random.random,
        "numpy": numpy.random.rand,
        "pari": pari.random,
    }
    if generators._maxima is not None:
        draws["maxima"] = generators._maxima.draw
    if generators._c_library is not None:
        draws["c library"] = generators._c_library.draw
    blind = []
    current_randstate().python_random()
    for name, draw in draws.items():
        generators.begin()
        still = not generators.drawn() and not generators.drawn()
        draw()
        if not still or not generators.drawn():
            blind.append(name)
    return blind
