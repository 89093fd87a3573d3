# SPDX-License-Identifier: GPL-2.0-or-later
"""Controls to choose one of several values, and buttons to press."""

from __future__ import annotations

from typing import Any

from .control import MAX_CONTROL_ITEMS, Control, Evaluate, Refused, cut, grid_columns, index_in, position, shown
from .steps import tidied


def labelled(values: Any) -> tuple[list[Any], list[str]]:
    """Values and what they are called: each is one, or all are pairs of a value and its label.

    Raises:
        ValueError: there are none, or more than ``MAX_CONTROL_ITEMS``.
    """
    listed = list(values)
    if not listed:
        raise ValueError("there must be at least one value to choose")
    if len(listed) > MAX_CONTROL_ITEMS:
        raise ValueError(f"a control has at most {MAX_CONTROL_ITEMS:,} values, not {len(listed):,}")
    if all(isinstance(one, tuple) and len(one) == 2 for one in listed):
        return [one[0] for one in listed], [cut(one[1]) for one in listed]
    return listed, tidied(listed, [shown(one) for one in listed])


#: How the page is to show a choice, by what code calls that.
_LOOKS = {"list": "list", "radio": "radio", "button": "buttons"}


def _width(width: Any) -> int:
    """Characters; texts such as ``"6em"``, which the incumbent takes, count as they are meant. 0 for none."""
    if isinstance(width, str):
        width = "".join(letter for letter in width.partition(".")[0] if letter.isdigit())
    return min(int(width or 0), MAX_CONTROL_ITEMS)


class Selector(Control):
    """One of several values."""

    _KIND = "choice"

    def __init__(
        self,
        values: Any,
        default: Any = None,
        selector_type: str = "list",
        nrows: int | None = None,
        ncols: int | None = None,
        width: Any = "",
        label: Any = None,
    ) -> None:
        """
        Args:
            values: a list of values, or of pairs of a value and its label.
            default: one of the values; None for the first.
            selector_type: ``"list"``, ``"radio"`` or ``"button"``; anything else is a list.
            nrows: rows of radio buttons or buttons.
            ncols: columns of them.
            width: of each button, accepted for old code.
            label: what stands beside it.

        Raises:
            ValueError: there are no values, ``default`` is none of them, or they don't fit into rows and columns.
            TypeError: ``nrows`` or ``ncols`` is no integer.
        """
        super().__init__(label)
        self.values, self._labels = labelled(values)
        self._look = _LOOKS.get(selector_type, "list")
        self._columns = grid_columns(len(self.values), nrows, ncols)
        self.state = 0
        if default is not None:
            self.assign(default)

    def _fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = {"value": self.state, "look": self._look, "labels": self._labels}
        return {**fields, "columns": self._columns} if self._columns and self._look != "list" else fields

    def checked(self, sent: Any) -> int:
        return index_in(len(self.values), sent)

    def assign(self, value: Any) -> None:
        index = position(self.values, value)
        if index is None:
            raise ValueError(f"{value!r} is none of the values {', '.join(self._labels[:20])}")
        self.state = index

    def argument(self, evaluate: Evaluate) -> Any:
        return self.values[self.state]

    def shared(self) -> tuple[Any, ...]:
        return (self.values[self.state],)

    def _told(self) -> str:
        return self._labels[self.state]


class ButtonBar(Control):
    """Buttons, each with a value that the function gets in the run that pressing it asks for, and in no other."""

    _KIND = "buttons"

    def __init__(
        self,
        values: Any = (0,),
        default: Any = "",
        nrows: int | None = None,
        ncols: int | None = None,
        width: Any = "",
        label: Any = None,
    ) -> None:
        """
        Args:
            values: a list of values, or of pairs of a value and the text of its button.
            default: what the function gets when none was pressed.
            nrows: rows of buttons.
            ncols: columns of them.
            width: of each button, characters.
            label: what stands beside them.

        Raises:
            ValueError: there are no values, or they don't fit into rows and columns.
            TypeError: ``nrows`` or ``ncols`` is no integer.
        """
        super().__init__(label)
        self.values, self._labels = labelled(values)
        self._default = default
        self._width = _width(width)
        self._columns = grid_columns(len(self.values), nrows, ncols)

    def _fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = {"labels": self._labels}
        if self._columns:
            fields["columns"] = self._columns
        if self._width:
            fields["width"] = self._width
        return fields

    def checked(self, sent: Any) -> int | None:
        if sent is None:
            return None
        try:
            return index_in(len(self.values), sent)
        except Refused as error:
            raise Refused(f"takes null or {str(error).removeprefix('takes ')}") from None

    def assign(self, value: Any) -> None:
        """What the function gets from now on when no button was pressed."""
        self._default = value

    def argument(self, evaluate: Evaluate) -> Any:
        return self._default if self.state is None else self.values[self.state]

    def rest(self) -> None:
        self.state = None

    def shared(self) -> tuple[Any, ...]:
        return (self._default, *self.values)

    def _told(self) -> str:
        return " ".join(f"[{label}]" for label in self._labels)


class Button(ButtonBar):
    """One button."""

    def __init__(
        self, default: Any = "", value: Any = "", text: Any = "Button", width: Any = "", label: Any = None
    ) -> None:
        """
        Args:
            default: what the function gets when it was not pressed.
            value: what it gets in the run that pressing asks for.
            text: what is on it.
            width: characters.
            label: what stands beside it.
        """
        super().__init__([(value, text)], default, width=width, label=label)


class UpdateButton(Button):
    """The button that alone asks for a run: changes of other controls wait for it."""

    is_trigger = True

    def __init__(
        self, text: Any = "Update", value: Any = "", default: Any = "", width: Any = "", label: Any = ""
    ) -> None:
        super().__init__(default, value, text, width, label)
