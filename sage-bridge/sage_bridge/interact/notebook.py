# SPDX-License-Identifier: GPL-2.0-or-later
"""Controls under the names that Sage's first notebook gave them, so that its interacts run unchanged."""

from __future__ import annotations

import sys
from typing import Any, Callable

from .boxes import Checkbox, ColorSelector, ExpressionBox, HtmlBox, InputBox
from .choices import Button, Selector
from .control import Control
from .grid import InputGrid
from .sliders import DiscreteSlider
from .steps import at_steps

#: Positions of a slider between numbers, where no step says otherwise; of more values so many are chosen.
MOST_POSITIONS = 500


def _positions(vmin: Any, vmax: Any, step_size: Any) -> list[Any]:
    """The values of a slider, or pairs of them and their labels."""
    if hasattr(vmin, "__iter__") and not isinstance(vmin, str):
        values = list(vmin)
        last = len(values) - 1
        if len(values) > MOST_POSITIONS:
            values = [values[(index * last) // (MOST_POSITIONS - 1)] for index in range(MOST_POSITIONS)]
        return values
    if vmax is None:
        vmin, vmax = 0, vmin
    if not vmin < vmax:
        raise ValueError(f"a slider from {vmin!r} to {vmax!r} has no room to move")
    if step_size is None:
        width = float(vmax) - float(vmin)
        numbers = [float(vmin) + width * index / (MOST_POSITIONS - 1) for index in range(MOST_POSITIONS)]
        return [(number, f"{number:.6g}") for number in numbers]
    if not step_size > 0:
        raise ValueError(f"step_size must be positive, not {step_size!r}")
    last = int((vmax - vmin) / step_size)
    indices: Any = range(last + 1)
    if last >= MOST_POSITIONS:
        indices = ((index * last) // (MOST_POSITIONS - 1) for index in range(MOST_POSITIONS))
    values = at_steps(indices, vmin, step_size)
    # What is left over, or what rounding left, must not become a step of its own.
    if last >= MOST_POSITIONS or abs(float(vmax - values[-1])) < float(step_size) / 1_000:
        values[-1] = vmax
    elif values[-1] != vmax:
        values.append(vmax)
    return values


def slider(
    vmin: Any,
    vmax: Any = None,
    step_size: Any = None,
    default: Any = None,
    label: Any = None,
    display_value: bool = True,
) -> Control:
    """A slider over values or numbers, as Sage's notebook had it.

    Args:
        vmin: a list of values; or the first number, which is the last, from 0, when there is no ``vmax``.
        vmax: the last number.
        step_size: from one number to the next; None for about 500 positions.
        default: where it begins; the nearest position is taken.
        label: what stands beside it.
        display_value: whether its value is shown.

    Raises:
        ValueError: ``step_size`` is not positive, or there are fewer than two positions.
    """
    return DiscreteSlider(_positions(vmin, vmax, step_size), default, False, display_value, label)


def range_slider(
    vmin: Any,
    vmax: Any = None,
    step_size: Any = None,
    default: Any = None,
    label: Any = None,
    display_value: bool = True,
) -> Control:
    """A slider with two handles, as ``slider``; ``default`` is a pair, and so is the function's argument."""
    return DiscreteSlider(_positions(vmin, vmax, step_size), default, True, display_value, label)


def input_box(
    default: Any = None,
    label: Any = None,
    type: Any = None,
    width: int = 80,
    height: int = 1,
    **options: Any,
) -> Control:
    """A box for text or code, as Sage's notebook had it.

    Args:
        default: what it begins with.
        label: what stands beside it.
        type: ``str`` for text as it is, ``Color`` for a colour; else what is in the box is code, and ``type`` makes the
            argument of its value.
        width: characters.
        height: lines; more than one is text as it is.
        options: ``widget`` and ``hide_box``, for a colour.
    """
    if _is_color_class(type):
        color = (0, 0, 1) if default is None else default
        widget, hide_box = options.get("widget", "colorpicker"), options.get("hide_box", False)
        return color_selector(color, label, widget, hide_box)
    if type is str or height > 1:
        return InputBox("" if default is None else default, label, width, height)
    return ExpressionBox(default, label, width, height, adapter=type)


def _is_color_class(value: Any) -> bool:
    module = sys.modules.get("sage.plot.colors")
    return module is not None and value is module.Color


def color_selector(
    default: Any = (0, 0, 1), label: Any = None, widget: str = "colorpicker", hide_box: bool = False
) -> Control:
    """A colour, as Sage's notebook had it; every ``widget`` is the page's own."""
    if widget != "colorpicker":
        print(f"The widget {widget!r} is not available: this colour is chosen by the page's own.")
    return ColorSelector(default, hide_box, label=label)


def selector(
    values: Any,
    label: Any = None,
    default: Any = None,
    nrows: int | None = None,
    ncols: int | None = None,
    width: Any = None,
    buttons: bool = False,
) -> Control:
    """One of several values, or of pairs of a value and its label, as Sage's notebook had it.

    Args:
        values: these.
        label: what stands beside it.
        default: one of the values.
        nrows: rows of buttons.
        ncols: columns of buttons.
        width: of each button.
        buttons: buttons instead of a list; so do rows and columns ask for them. One value is then a button to press.
    """
    listed = list(values)
    has_buttons = buttons or nrows is not None or ncols is not None
    if has_buttons and len(listed) == 1:
        is_pair = isinstance(listed[0], tuple) and len(listed[0]) == 2
        value, text = listed[0] if is_pair else (listed[0], str(listed[0]))
        return Button(value, value, text, width or "", label)
    return Selector(listed, default, "button" if has_buttons else "list", nrows, ncols, width or "", label)


def input_grid(
    nrows: int,
    ncols: int,
    default: Any = None,
    label: Any = None,
    to_value: Callable[[Any], Any] | None = None,
    width: int = 4,
    type: Any = None,
) -> Control:
    """A matrix of boxes, as Sage's notebook had it.

    Args:
        nrows: rows.
        ncols: columns.
        default: one value for all boxes, a list of all, or of rows; None for zeros.
        label: what stands beside it.
        to_value: makes the function's argument of the list of rows.
        width: characters of each box.
        type: ``str`` for text as it is; else what makes each entry.
    """
    is_text = type is str
    begin = ("" if is_text else 0) if default is None else default
    return InputGrid(nrows, ncols, begin, width, label, not is_text, to_value, None if is_text else type)


def checkbox(default: Any = True, label: Any = None) -> Control:
    """A check mark: True or False."""
    return Checkbox(default, label)


def text_control(value: Any = "") -> Control:
    """Markup between the controls."""
    return HtmlBox(value)


def button(default: Any = "Button", label: Any = None, width: Any = "", **options: Any) -> Control:
    """A button with the text ``default``, which the function gets when it was pressed, else None.

    Options, such as ``icon`` and ``classes``, are accepted for old code and ignored.
    """
    return Button(None, default, default, width or "", label)
