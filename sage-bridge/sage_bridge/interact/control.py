# SPDX-License-Identifier: GPL-2.0-or-later
"""What every control of an interact is: a value that the reader's function gets, and how the page is to show it."""

from __future__ import annotations

import copy
import math
from typing import Any, Callable

#: As the wire bounds them.
MAX_CONTROLS = 100
MAX_CONTROL_ITEMS = 10_000
MAX_CONTROL_TEXT_LENGTH = 1_024
MAX_CONTROL_VALUE_LENGTH = 16_384
#: Longest text of a value in the line that tells of an interact where none can be drawn, characters.
_MAX_TOLD = 40

#: Evaluates text of the reader's in the globals of the function.
Evaluate = Callable[[str], Any]


class Refused(ValueError):
    """What was sent for a control is none of its values; the text says what is allowed."""


def cut(text: Any, most: int = MAX_CONTROL_TEXT_LENGTH) -> str:
    """A text for the page, counted as JavaScript counts."""
    text = str(text).replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")
    if len(text) * (1 if text.isascii() else 2) <= most:
        return text
    return text[: most // 2 - 1] + "…"


def held(text: str) -> str:
    """A text that a control is to hold.

    Raises:
        ValueError: it is too long to be sent.
    """
    if len(text) * (1 if text.isascii() else 2) > MAX_CONTROL_VALUE_LENGTH:
        raise ValueError(f"a control holds at most {MAX_CONTROL_VALUE_LENGTH:,} characters, not {len(text):,}")
    return cut(text, MAX_CONTROL_VALUE_LENGTH)


def _brief(number: str) -> str:
    """A decimal number without the zeros at the end of its digits."""
    digits, mark, exponent = number.partition("e")
    return (digits.rstrip("0").rstrip(".") if "." in digits else digits) + mark + exponent


def shown(value: Any) -> str:
    """A value as its label: text as it is, anything else as Python writes it; functions by their names.

    Real numbers of Sage's go without the zeros that tell their precision: 2.5, not 2.50000000000000.
    """
    from sage.rings.real_mpfr import RealNumber

    if isinstance(value, str):
        return cut(value)
    if isinstance(value, RealNumber):
        return _brief(repr(value))
    if callable(value) and isinstance(getattr(value, "__name__", None), str) and " at 0x" in repr(value):
        return cut(value.__name__)
    return cut(repr(value))


def is_number(value: Any) -> bool:
    """Whether the wire's value is a number that can be worked with; true and false are none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def as_float(value: Any, what: str) -> float:
    """A bound or a step.

    Raises:
        ValueError, TypeError: it is no finite real number.
    """
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{what} must be a real number, not {value!r}") from error
    if not math.isfinite(number):
        raise ValueError(f"{what} must be finite, not {value!r}")
    return number


def are_equal(one: Any, other: Any) -> bool:
    """Equality that never fails and takes True for nothing but True."""
    if one is other:
        return True
    if isinstance(one, bool) != isinstance(other, bool):
        return False
    try:
        return bool(one == other)
    except Exception:
        return False


def position(values: list[Any], value: Any) -> int | None:
    """Where a value stands among others; None when it does not."""
    return next((index for index, one in enumerate(values) if are_equal(one, value)), None)


def index_in(count: int, sent: Any) -> int:
    """An index as it was sent.

    Raises:
        Refused: it is none of so many.
    """
    if not is_number(sent) or sent != int(sent) or not 0 <= sent < count:
        raise Refused(f"takes an index from 0 to {count - 1}, not {sent!r}")
    return int(sent)


def grid_columns(count: int, nrows: Any, ncols: Any) -> int | None:
    """How many columns so many choices stand in; None for as there is room.

    Raises:
        TypeError: a number of rows or columns is no integer.
        ValueError: there is too little room in them.
    """
    for name, number in (("nrows", nrows), ("ncols", ncols)):
        if number is None:
            continue
        try:
            is_whole = not isinstance(number, (str, bool)) and int(number) == number
        except (TypeError, ValueError):
            is_whole = False
        if not is_whole:
            raise TypeError(f"{name} must be an integer, not {number!r}")
        if number < 1:
            raise ValueError(f"{name} must be at least 1, not {number!r}")
    if nrows is None and ncols is None:
        return None
    if ncols is None:
        return -(-count // int(nrows))
    if nrows is not None and int(nrows) * int(ncols) < count:
        raise ValueError(f"{count} values don't fit into {nrows} rows of {ncols}")
    return min(int(ncols), MAX_CONTROL_ITEMS)


class Control:
    """One control. What it holds is in ``state``, in the form it is sent in; nothing else of it changes.

    Attributes:
        label: what stands beside it; None for the name of the argument.
        is_trigger: an update button: where there is one, nothing else asks for a run.
        state: what it holds now.
    """

    _KIND = ""
    is_trigger = False
    #: False for what only shows something.
    has_value = True

    def __init__(self, label: Any = None) -> None:
        self.label = None if label is None else str(label)
        self.state: Any = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}: {self.told()}"

    def own(self) -> Control:
        """A copy that one interact has for itself."""
        return copy.copy(self)

    def view(self, name: str, label: str) -> dict[str, Any]:
        """The control as the page is to draw it."""
        return {"control": self._KIND, "name": name, "label": cut(label), **self._fields()}

    def _fields(self) -> dict[str, Any]:
        return {"value": self.state}

    def checked(self, sent: Any) -> Any:
        """The new ``state`` for what the page sent.

        Raises:
            Refused: it is none of its values.
        """
        return sent

    def assign(self, value: Any) -> None:
        """Takes a value that code gives it, or the nearest one that it may have.

        Raises:
            ValueError, TypeError: there is none.
        """
        raise NotImplementedError

    def argument(self, evaluate: Evaluate) -> Any:
        """What the function gets."""
        return self.state

    def rest(self) -> None:
        """A run is over."""

    def has_moved(self) -> bool:
        """Whether something but the page and ``assign`` has changed it since this was asked last."""
        return False

    def adapter_functions(self) -> tuple[Any, ...]:
        """What is called to make the argument, besides what Sage has."""
        return ()

    def shared(self) -> tuple[Any, ...]:
        """What the function may have got in the last run that the control goes on to hold."""
        return ()

    def told(self) -> str:
        """What it holds, in a few words."""
        text = self._told()
        return text if len(text) <= _MAX_TOLD else f"{text[: _MAX_TOLD - 1]}…"

    def _told(self) -> str:
        return repr(self.state)
