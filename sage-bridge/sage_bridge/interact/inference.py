# SPDX-License-Identifier: GPL-2.0-or-later
"""Which control an argument of the reader's function gets, by the value it is given in the ``def`` line."""

from __future__ import annotations

import itertools
import numbers
import weakref
from collections.abc import Iterator
from typing import Any

from .boxes import Checkbox, ColorSelector, ExpressionBox, InputBox
from .choices import Button, Selector, UpdateButton
from .control import MAX_CONTROL_ITEMS, Control
from .grid import InputGrid
from .sliders import ContinuousSlider, DiscreteSlider
from .steps import at_steps
from .widgets import control_of

#: Up to so many values are buttons; more are a list that drops down.
MOST_BUTTONS = 5

_MISSING = object()

#: What generators gave that have been asked already: a function may be made an interact more than once.
_given: weakref.WeakKeyDictionary[Any, list[Any]] = weakref.WeakKeyDictionary()


def _is_real(value: Any) -> bool:
    """Whether a value can be an end of a slider: a number, or an expression such as ``2*pi``."""
    if isinstance(value, bool):
        return False
    if isinstance(value, numbers.Number):
        return not isinstance(value, complex)
    from sage.structure.element import Element, Matrix, Vector

    if not isinstance(value, Element) or isinstance(value, (Matrix, Vector)):
        return False
    try:
        float(value)
    except Exception:
        return False
    return True


def _stepped(low: Any, high: Any, step: Any) -> list[Any]:
    from sage.arith.srange import srange

    width, size = float(high) - float(low), float(step)
    if size == 0:
        raise ValueError("the step of a slider must not be 0")
    if width / size + 1 > MAX_CONTROL_ITEMS:
        raise ValueError(f"a slider has at most {MAX_CONTROL_ITEMS:,} positions: its step {step!r} is too small")
    # Whether the end is reached is for Sage to say.
    return at_steps(range(len(srange(low, high, step, include_endpoint=True))), low, step)


def infer(name: str, value: Any) -> Control:
    """The control for the argument ``name`` with the default ``value``, or whose control that value is.

    Raises:
        ValueError, TypeError: a list or tuple makes no control.
    """
    if name == "auto_update" and value is False:
        return UpdateButton()
    label: Any = None
    default: Any = _MISSING
    for _ in range(2):
        if not isinstance(value, tuple) or len(value) != 2:
            break
        first, second = value
        if label is None and isinstance(first, str):
            label, value = first, second
        elif default is _MISSING and isinstance(second, (tuple, list, range, Iterator)):
            default, value = first, second
    control = value.own() if isinstance(value, Control) else _made(value, None if default is _MISSING else default)
    if isinstance(value, Control) and default is not _MISSING:
        control.assign(default)
    if label is not None:
        control.label = label
    return control


def _made(value: Any, default: Any) -> Control:
    if isinstance(value, str):
        return InputBox(value)
    if isinstance(value, bool):
        return Checkbox(value)
    if isinstance(value, range):
        value = list(value)
    if isinstance(value, list):
        return _of_list(value, default)
    if isinstance(value, Iterator):
        return DiscreteSlider(_values_of(value), default)
    if isinstance(value, tuple):
        return _of_tuple(value, default)
    return _of_object(value)


def _values_of(generator: Iterator[Any]) -> list[Any]:
    values = _given.get(generator) if type(generator).__weakrefoffset__ else None
    if values is None:
        values = list(itertools.islice(generator, MAX_CONTROL_ITEMS))
        if type(generator).__weakrefoffset__:
            _given[generator] = values
    return values


def _of_list(values: list[Any], default: Any) -> Control:
    if len(values) == 1:
        is_pair = isinstance(values[0], tuple) and len(values[0]) == 2
        pressed, text = values[0] if is_pair else (values[0], str(values[0]))
        return Button(pressed if default is None else default, pressed, text)
    kind = "button" if len(values) <= MOST_BUTTONS else "list"
    return Selector(values, default, kind)


def _of_tuple(values: tuple, default: Any) -> Control:
    if len(values) == 2 and all(map(_is_real, values)):
        return ContinuousSlider(values, default)
    if len(values) == 3 and all(map(_is_real, values)):
        return DiscreteSlider(_stepped(*values), default)
    return DiscreteSlider(list(values), default)


def _of_object(value: Any) -> Control:
    from sage.plot.colors import Color
    from sage.structure.element import Matrix, Vector

    if isinstance(value, Matrix):
        return InputGrid(value.nrows(), value.ncols(), value.list(), adapter=value.parent())
    if isinstance(value, Vector):
        parent = value.parent()
        return InputGrid(1, len(value), list(value), adapter=lambda rows: parent(rows[0]))
    if isinstance(value, Color):
        return ColorSelector(value)
    widget = control_of(value)
    if widget is not None:
        return widget
    # A string here would be taken for code.
    return ExpressionBox(repr(value))
