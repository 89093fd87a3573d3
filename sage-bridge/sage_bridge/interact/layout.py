# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the controls of an interact stand, and where its output."""

from __future__ import annotations

from typing import Any, Iterable

#: Stands for the output.
OUTPUT = "_output"

Row = list


def _cell(item: Any) -> dict[str, Any]:
    """One place of a row: a name, or a name and its share of the row; a label behind them is not read here."""
    name, weight = (item[0], item[1] if len(item) > 1 else 1) if isinstance(item, (tuple, list)) and item else (item, 1)
    if not isinstance(name, str):
        raise TypeError(f"a place of a layout is a control's name, or a pair of it and its width, not {item!r}")
    share = 1.0 if weight is None else float(weight)
    if not 0 <= share < float("inf"):
        raise ValueError(f"the width of {name!r} must be a positive number, not {weight!r}")
    # An empty name is the output, too.
    return {"name": name or OUTPUT, "weight": share}


def _row(row: Any) -> Row:
    if isinstance(row, str):
        row = [row]
    elif not isinstance(row, (list, tuple)):
        raise TypeError(f"a row of a layout is a list of names, not {row!r}")
    return [_cell(item) for item in row]


def _rows(rows: Iterable[Any]) -> list[Row]:
    return [[_cell(rows)]] if isinstance(rows, str) else [_row(row) for row in rows]


def arrange(layout: Any, names: list[str], has_output: bool) -> list[Row]:
    """The rows of an interact; each of ``names`` stands in one of them, and the output where there is one.

    Args:
        layout: None for one row for each control and the output below them; a list of rows; or rows by where they
            stand: ``top``, others, then the output, then ``bottom``. What is missing is added at the end.
        names: the controls, in order.
        has_output: whether there is output to be placed.

    Raises:
        ValueError: a name is unknown or stands twice.
        TypeError: it has another form.
    """
    if layout is None:
        rows: list[Row] = []
    elif isinstance(layout, dict):
        between = [row for key, part in layout.items() if key not in ("top", "bottom") for row in _rows(part)]
        bottom = _rows(layout.get("bottom") or [])
        named = {cell["name"] for row in bottom for cell in row}
        rows = [*_rows(layout.get("top") or []), *between]
        named.update(cell["name"] for row in rows for cell in row)
        rows += [[_cell(name)] for name in names if name not in named]
        if OUTPUT not in named:
            rows.append([_cell(OUTPUT)])
        rows += bottom
    elif isinstance(layout, (list, tuple)):
        rows = _rows(layout)
    else:
        raise TypeError(f"layout must be a list of rows or a dict of them, not {layout!r}")
    seen: set[str] = set()
    for cell in (cell for row in rows for cell in row):
        name = cell["name"]
        if name in seen:
            raise ValueError(f"layout: {name!r} stands twice")
        if name not in names and name != OUTPUT:
            raise ValueError(f"layout: there is no control {name!r}; there are {', '.join(names) or 'none'}")
        seen.add(name)
    rows += [[_cell(name)] for name in names if name not in seen]
    if OUTPUT not in seen:
        rows.append([_cell(OUTPUT)])
    if not has_output:
        rows = [[cell for cell in row if cell["name"] != OUTPUT] for row in rows]
    return [row for row in rows if row]
