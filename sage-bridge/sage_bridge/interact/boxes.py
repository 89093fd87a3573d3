# SPDX-License-Identifier: GPL-2.0-or-later
"""Controls that hold one thing: a check mark, a text, code, a colour; and markup between controls."""

from __future__ import annotations

import re
from typing import Any, Callable

from .control import MAX_CONTROL_ITEMS, Control, Evaluate, Refused, cut, held

_COLOR = re.compile(r"#[0-9a-f]{6}")


class Checkbox(Control):
    """A check mark: True or False."""

    _KIND = "checkbox"

    def __init__(self, default: Any = True, label: Any = None, raw: bool = True) -> None:
        """``default``: whether it begins with the mark. ``raw`` is accepted for old code."""
        super().__init__(label)
        self.assign(default)

    def checked(self, sent: Any) -> bool:
        if not isinstance(sent, bool):
            raise Refused(f"takes true or false, not {sent!r}")
        return sent

    def assign(self, value: Any) -> None:
        self.state = bool(value)


def _size(value: Any, name: str) -> int:
    number = int(value or 0)
    if number < 0:
        raise ValueError(f"{name} must not be negative, not {value!r}")
    return min(number, MAX_CONTROL_ITEMS)


class InputBox(Control):
    """A text. The function gets a string."""

    _KIND = "text"
    _is_code = False

    def __init__(
        self,
        default: Any = "",
        label: Any = None,
        width: int = 0,
        height: int = 1,
        keypress: bool = False,
        adapter: Callable[[Any], Any] | None = None,
    ) -> None:
        """
        Args:
            default: what it begins with; what is no string is written as Python writes it.
            label: what stands beside it.
            width: characters; 0 for as wide as there is room.
            height: lines.
            keypress: every key press counts, not only Enter and leaving the box.
            adapter: makes the function's argument of the string.
        """
        super().__init__(label)
        self._width, self._lines = _size(width, "width"), max(1, _size(height, "height"))
        self._is_eager = bool(keypress)
        self._adapter = adapter
        self.assign(default)

    def _fields(self) -> dict[str, Any]:
        fields = {"value": self.state, "lines": self._lines, "isCode": self._is_code, "isEager": self._is_eager}
        return {**fields, "width": self._width} if self._width else fields

    def checked(self, sent: Any) -> str:
        if not isinstance(sent, str):
            raise Refused(f"takes a text, not {sent!r}")
        return sent

    def assign(self, value: Any) -> None:
        self.state = held(value if isinstance(value, str) else repr(value))

    def argument(self, evaluate: Evaluate) -> Any:
        return self.state if self._adapter is None else self._adapter(self.state)

    def adapter_functions(self) -> tuple[Any, ...]:
        return () if self._adapter is None else (self._adapter,)


class ExpressionBox(InputBox):
    """Code. The function gets its value, or, when it has none, the exception that said so."""

    _is_code = True

    def __init__(
        self,
        default: Any = "0",
        label: Any = None,
        width: int = 0,
        height: int = 1,
        adapter: Callable[[Any], Any] | None = None,
    ) -> None:
        """As ``InputBox``; ``adapter`` makes the function's argument of the value."""
        super().__init__(default, label, width, height, adapter=adapter)

    def argument(self, evaluate: Evaluate) -> Any:
        try:
            value = evaluate(self.state)
            return value if self._adapter is None else self._adapter(value)
        except Exception as error:
            return error

    def _told(self) -> str:
        return self.state


class ColorSelector(Control):
    """A colour: Sage's ``Color``, or its name as the web writes it, ``#rrggbb``."""

    _KIND = "color"

    def __init__(
        self, default: Any = "#000000", hide_input: bool = False, sage_color: bool = True, label: Any = None
    ) -> None:
        """
        Args:
            default: a ``Color``, or what makes one: its name, ``#rrggbb``, or red, green and blue from 0 to 1.
            hide_input: whether the text beside it is left out.
            sage_color: False for the function to get a string.
            label: what stands beside it.
        """
        super().__init__(label)
        self._has_input = not hide_input
        self._makes_color = bool(sage_color)
        self.assign(default)

    def _fields(self) -> dict[str, Any]:
        return {"value": self.state, "showsValue": self._has_input}

    def checked(self, sent: Any) -> str:
        if not isinstance(sent, str) or not _COLOR.fullmatch(sent.lower()):
            raise Refused(f"takes a colour as #rrggbb, not {sent!r}")
        return sent.lower()

    def assign(self, value: Any) -> None:
        from sage.plot.colors import Color

        self.state = str((value if isinstance(value, Color) else Color(value)).html_color())

    def argument(self, evaluate: Evaluate) -> Any:
        if not self._makes_color:
            return self.state
        from sage.plot.colors import Color

        return Color(self.state)

    def _told(self) -> str:
        return self.state


class HtmlBox(Control):
    """Markup between the controls; only code can change it."""

    _KIND = "html"
    has_value = False

    def __init__(self, value: Any = "", label: Any = "") -> None:
        super().__init__(label)
        self.assign(value)

    def _fields(self) -> dict[str, Any]:
        return {"html": self.state}

    def assign(self, value: Any) -> None:
        self.state = held(str(value))

    def _told(self) -> str:
        return cut(re.sub(r"<[^>]*>", "", self.state))
