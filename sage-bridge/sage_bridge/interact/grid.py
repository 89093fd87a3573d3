# SPDX-License-Identifier: GPL-2.0-or-later
"""The control for a matrix: rows of small boxes."""

from __future__ import annotations

from typing import Any, Callable

from .control import MAX_CONTROL_ITEMS, Control, Evaluate, Refused, held

#: Most boxes of one grid: more than a reader fills in.
MAX_GRID_CELLS = 2_500


def _count(value: Any, name: str) -> int:
    number = int(value)
    if number < 1:
        raise ValueError(f"{name} must be at least 1, not {value!r}")
    return number


def _text(value: Any) -> str:
    return held(value if isinstance(value, str) else repr(value))


class InputGrid(Control):
    """Rows of boxes. The function gets a list of rows, or what ``adapter`` makes of it."""

    _KIND = "grid"

    def __init__(
        self,
        nrows: int = 1,
        ncols: int = 1,
        default: Any = "0",
        width: int = 5,
        label: Any = None,
        evaluate: bool = True,
        adapter: Callable[[Any], Any] | None = None,
        element_adapter: Callable[[Any], Any] | None = None,
    ) -> None:
        """
        Args:
            nrows: rows.
            ncols: columns; at most ``MAX_GRID_CELLS`` boxes in all.
            default: one value for all boxes, a list or generator of all of them, or a list of rows.
            width: characters of each box.
            label: what stands beside it.
            evaluate: whether what is in the boxes is code; else text.
            adapter: makes the function's argument of the list of rows.
            element_adapter: makes each entry of the rows of what is in its box.

        Raises:
            ValueError: ``default`` has other numbers of rows and columns.
        """
        super().__init__(label)
        self._rows, self._columns = _count(nrows, "nrows"), _count(ncols, "ncols")
        if self._rows * self._columns > MAX_GRID_CELLS:
            raise ValueError(f"a grid has at most {MAX_GRID_CELLS:,} boxes, not {self._rows * self._columns:,}")
        self._width = min(_count(width, "width"), MAX_CONTROL_ITEMS)
        self._is_code = bool(evaluate)
        self._adapter, self._element_adapter = adapter, element_adapter
        self.assign(default)

    def _fields(self) -> dict[str, Any]:
        return {"value": [list(row) for row in self.state], "width": self._width}

    def checked(self, sent: Any) -> tuple:
        is_grid = isinstance(sent, list) and len(sent) == self._rows
        if not is_grid or any(not isinstance(row, list) or len(row) != self._columns for row in sent):
            raise Refused(f"takes {self._rows} rows of {self._columns} texts")
        if any(not isinstance(text, str) for row in sent for text in row):
            raise Refused(f"takes {self._rows} rows of {self._columns} texts")
        return tuple(map(tuple, sent))

    def assign(self, value: Any) -> None:
        rows, columns = self._rows, self._columns
        if isinstance(value, str) or not hasattr(value, "__iter__"):
            self.state = ((_text(value),) * columns,) * rows
            return
        entries = list(value)
        if len(entries) == rows * columns and not any(_is_row(entry) for entry in entries):
            entries = [entries[start : start + columns] for start in range(0, rows * columns, columns)]
        entries = [list(row) if _is_row(row) else [row] for row in entries]
        if len(entries) != rows or any(len(row) != columns for row in entries):
            raise ValueError(f"the grid takes {rows} rows of {columns}, not {value!r}")
        self.state = tuple(tuple(map(_text, row)) for row in entries)

    def argument(self, evaluate: Evaluate) -> Any:
        rows = [
            [self._entry(text, evaluate, row + 1, column + 1) for column, text in enumerate(texts)]
            for row, texts in enumerate(self.state)
        ]
        return rows if self._adapter is None else self._adapter(rows)

    def _entry(self, text: str, evaluate: Evaluate, row: int, column: int) -> Any:
        try:
            value = evaluate(text) if self._is_code else text
            return value if self._element_adapter is None else self._element_adapter(value)
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            raise ValueError(f"row {row}, column {column}: {text!r} has no value ({reason})") from error

    def adapter_functions(self) -> tuple[Any, ...]:
        return tuple(one for one in (self._adapter, self._element_adapter) if one is not None)

    def _told(self) -> str:
        return "[" + ", ".join("[" + ", ".join(row) + "]" for row in self.state) + "]"


def _is_row(value: Any) -> bool:
    return not isinstance(value, str) and hasattr(value, "__iter__")
