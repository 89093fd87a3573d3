# SPDX-License-Identifier: GPL-2.0-or-later
"""Widgets of Jupyter's ``ipywidgets`` as controls.

The library is too large to be imported for everybody, so nothing here is used before the reader's code has imported
it. Sages of these years have its versions 6 to 8.
"""

from __future__ import annotations

import html
import sys
from typing import Any, Callable

from .boxes import Checkbox, ColorSelector, ExpressionBox, HtmlBox, InputBox
from .choices import Selector
from .control import MAX_CONTROL_ITEMS, Control, Evaluate, position
from .grid import InputGrid
from .sliders import ContinuousSlider, DiscreteSlider

#: Lines of a box for several lines that does not say how many.
_LINES = 5
#: What a widget tells of how it looks; those it does not have count as absent.
_TRAITS = ("description", "value", "min", "max", "step", "_options_labels", "rows")
_DESCRIPTION = 0
#: How choices look, by the class of the widget; others are a list that drops down.
_LOOKS = {"RadioButtons": "radio", "ToggleButtons": "button"}


def library() -> Any:
    """``ipywidgets``, if the reader's code has imported it."""
    return sys.modules.get("ipywidgets") if "ipywidgets.widgets.interaction" in sys.modules else None


def _is_of_sage(widget: Any, name: str) -> bool:
    """Whether it is one of those that Sage adds, of the class of that name."""
    module = sys.modules.get("sage.repl.ipython_kernel.widgets")
    return module is not None and isinstance(widget, getattr(module, name, ()))


# ---- faces: our controls that look like a widget, and how what they hold is given to it ----

#: The value of the widget, told from the control.
_Give = Callable[[Control, Evaluate], Any]


def _argument(control: Control, evaluate: Evaluate) -> Any:
    return control.argument(evaluate)


def _text(control: Control, _evaluate: Evaluate) -> Any:
    return control.state


def _options(widget: Any) -> list[tuple[Any, str]]:
    return list(zip(widget._options_values, widget._options_labels))


def _of_choice(widget: Any, ipywidgets: Any) -> tuple[Control, _Give]:
    if isinstance(widget, ipywidgets.SelectionSlider):
        face: Any = DiscreteSlider(_options(widget))
    else:
        look = next((_LOOKS[one.__name__] for one in type(widget).__mro__ if one.__name__ in _LOOKS), "list")
        face = Selector(_options(widget), None, look)
    face.state = position(face.values, widget.value) or 0
    return face, _argument


def _of_two_choices(widget: Any) -> tuple[Control, _Give]:
    face = DiscreteSlider(_options(widget), None, range_slider=True)
    # At first it may hold nothing.
    face.state = tuple(position(face.values, one) or 0 for one in widget.value) or (0, 0)
    return face, _argument


def _of_range(widget: Any) -> tuple[Control, _Give]:
    is_range = isinstance(widget.value, tuple)
    first = widget.value[0] if is_range else widget.value
    step = getattr(widget, "step", None)
    if isinstance(first, int):
        positions = range(widget.min, widget.max + 1, step or 1)
        if 2 <= len(positions) <= MAX_CONTROL_ITEMS:
            return DiscreteSlider(list(positions), widget.value, is_range), _argument
    face = ContinuousSlider((widget.min, widget.max), widget.value, stepsize=step or 0, range_slider=is_range)
    return face, _argument


def _of_powers(widget: Any) -> tuple[Control, _Give]:
    count = round((widget.max - widget.min) / widget.step)
    powers = [widget.base ** (widget.min + place * widget.step) for place in range(min(count + 1, MAX_CONTROL_ITEMS))]
    return DiscreteSlider([(power, f"{power:.4g}") for power in powers], widget.value), _argument


def _of_grid(widget: Any) -> tuple[Control, _Give]:
    columns = [list(column.children) for column in widget.cols]
    rows = [[str(column[place].value) for column in columns] for place in range(len(columns[0]))]

    def give(control: Control, _evaluate: Evaluate) -> Any:
        for row, texts in enumerate(control.state):
            for column, text in enumerate(texts):
                columns[column][row].value = text
        return widget.value

    return InputGrid(len(rows), len(columns), rows, evaluate=False), give


def _of_text(widget: Any, ipywidgets: Any) -> tuple[Control, _Give]:
    lines = (getattr(widget, "rows", None) or _LINES) if isinstance(widget, ipywidgets.Textarea) else 1
    box = ExpressionBox if _is_of_sage(widget, "EvalWidget") else InputBox
    # It evaluates its text itself.
    return box(widget.value, height=lines), _text


def _of_any(widget: Any) -> tuple[Control, _Give]:
    """A box for Python's own writing of the value: the widget says whether it may have another."""
    return ExpressionBox(repr(widget.value)), lambda control, evaluate: evaluate(control.state)


def _face_of(widget: Any, ipywidgets: Any) -> tuple[Control, _Give]:
    if _is_of_sage(widget, "Grid"):
        return _of_grid(widget)
    if isinstance(widget, (ipywidgets.HTML, ipywidgets.HTMLMath, ipywidgets.Label)):
        is_markup = not isinstance(widget, ipywidgets.Label)
        return HtmlBox(widget.value if is_markup else html.escape(widget.value)), lambda *_: widget.value
    if isinstance(widget, ipywidgets.ColorPicker):
        return ColorSelector(widget.value, sage_color=False), _argument
    if isinstance(widget, (ipywidgets.Checkbox, ipywidgets.ToggleButton)):
        return Checkbox(widget.value), _argument
    if isinstance(widget, (ipywidgets.Text, ipywidgets.Textarea)):
        return _of_text(widget, ipywidgets)
    if isinstance(widget, getattr(ipywidgets, "SelectionRangeSlider", ())):
        return _of_two_choices(widget)
    if hasattr(widget, "_options_values") and not isinstance(widget, ipywidgets.SelectMultiple):
        return _of_choice(widget, ipywidgets)
    if hasattr(widget, "base") and hasattr(widget, "max"):
        return _of_powers(widget)
    is_typed = isinstance(widget, (ipywidgets.BoundedIntText, ipywidgets.BoundedFloatText))
    if hasattr(widget, "min") and hasattr(widget, "max") and not is_typed:
        return _of_range(widget)
    return _of_any(widget)


class WidgetControl(Control):
    """A widget: what the page chooses is given to it, and it says what the function gets."""

    def __init__(self, widget: Any) -> None:
        """``widget``: a ``ValueWidget``, which others may hold and change as well."""
        self._widget = widget
        self._look()
        self._name_itself()

    def _name_itself(self) -> None:
        # Without a name of its own it is called as the argument; what only shows something needs none.
        self.label = getattr(self._widget, "description", "") or (None if self.has_value else "")

    def _look(self) -> None:
        self._traits = self._told_traits()
        try:
            self._face, self._give = _face_of(self._widget, library())
        except (TypeError, ValueError):
            # A slider without room to move, a colour that only browsers know.
            self._face, self._give = _of_any(self._widget)
        self.has_value = self._face.has_value
        self._given = self._face.state

    def _told_traits(self) -> tuple[Any, ...]:
        return tuple(getattr(self._widget, name, None) for name in _TRAITS)

    @property
    def state(self) -> Any:
        """What the control holds that looks like it."""
        return self._face.state

    @state.setter
    def state(self, state: Any) -> None:
        self._face.state = state

    def own(self) -> Control:
        return WidgetControl(self._widget)

    def view(self, name: str, label: str) -> dict[str, Any]:
        return self._face.view(name, label)

    def checked(self, sent: Any) -> Any:
        return self._face.checked(sent)

    def assign(self, value: Any) -> None:
        self._widget.value = value
        self._look()

    def argument(self, evaluate: Evaluate) -> Any:
        if self.has_value and self.state != self._given:
            self._widget.value = self._give(self._face, evaluate)
            self._given = self.state
            self._traits = self._told_traits()
        return self._widget.get_interact_value()

    def shared(self) -> tuple[Any, ...]:
        # A run gives it a value, which other code can see.
        return (self._widget,)

    def has_moved(self) -> bool:
        """Other widgets may be bound to this one, and the function may hold it."""
        before = self._traits
        if self._told_traits() == before:
            return False
        self._look()
        if self._traits[_DESCRIPTION] != before[_DESCRIPTION]:
            self._name_itself()
        return True

    def _told(self) -> str:
        return self._face.told()


def control_of(value: Any) -> Control | None:
    """The control for a widget that the reader's code passes for one; None for anything else."""
    ipywidgets = library()
    return WidgetControl(value) if ipywidgets is not None and isinstance(value, ipywidgets.ValueWidget) else None
