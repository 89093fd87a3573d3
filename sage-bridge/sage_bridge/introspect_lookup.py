# SPDX-License-Identifier: GPL-2.0-or-later
"""The object that an expression names, found without calling anything that the reader wrote.

Not a function, property, ``__getattr__``, ``__getitem__`` or ``__get__``. Attributes of Sage's own objects are asked
for as usual; that takes a time which the caller bounds.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import types
from typing import Any

#: No such object, or none that can be had safely.
MISSING = object()
#: Built-in containers, whose subscripts run nothing of the reader's if the subscript is a plain number or text.
_CONTAINERS = (list, tuple, dict, str, bytes, range)
_LITERALS = {ast.List: list, ast.ListComp: list, ast.Tuple: tuple, ast.Dict: dict, ast.Set: set, ast.JoinedStr: str}


def is_readers(function: Any) -> bool:
    """Whether a function was written by the reader, so that calling it may do anything."""
    function = getattr(function, "fget", None) or getattr(function, "func", None) or function
    code = getattr(function, "__code__", None)
    return isinstance(code, types.CodeType) and code.co_filename.startswith("<")


def static(owner: Any, name: str) -> Any:
    """An attribute as it is stored, or MISSING."""
    try:
        return inspect.getattr_static(owner, name)
    except Exception:
        return MISSING


def _resolved(value: Any) -> Any:
    # Many of Sage's globals are import promises that behave like the object but are not it.
    load = getattr(type(value), "_get_object", None)
    return load(value) if load is not None and type(value).__name__ == "LazyImport" else value


def _attribute(owner: Any, name: str) -> Any:
    found = static(owner, name)
    if found is MISSING:
        if any(is_readers(static(type(owner), hook)) for hook in ("__getattr__", "__getattribute__")):
            return MISSING
    elif is_readers(static(type(owner), "__getattribute__")) or (
        not isinstance(found, types.FunctionType) and (is_readers(found) or is_readers(static(type(found), "__get__")))
    ):
        return MISSING
    try:
        return getattr(owner, name)
    except Exception:
        return MISSING


def _item(container: Any, key: Any) -> Any:
    if type(container) not in _CONTAINERS or type(key) not in (int, str):
        return MISSING
    try:
        return container[key]
    except Exception:
        return MISSING


def _number(value: Any) -> Any:
    """A number as Sage's preparser makes it of a literal."""
    try:
        from sage.rings.integer import Integer
    except ImportError:
        return value
    return Integer(value)


def evaluate(node: ast.expr, namespace: dict[str, Any]) -> Any:
    """The object an expression names, or ``MISSING`` where something would have to be called."""
    if isinstance(node, ast.Name):
        return _resolved(namespace.get(node.id, getattr(builtins, node.id, MISSING)))
    if isinstance(node, ast.Attribute):
        owner = evaluate(node.value, namespace)
        return owner if owner is MISSING else _resolved(_attribute(owner, node.attr))
    if isinstance(node, ast.Subscript):
        container, index = evaluate(node.value, namespace), node.slice
        if (
            isinstance(index, ast.UnaryOp)
            and isinstance(index.op, ast.USub)
            and isinstance(index.operand, ast.Constant)
        ):
            key = index.operand.value
            return _item(container, -key) if type(key) is int else MISSING
        return _item(container, index.value) if isinstance(index, ast.Constant) else MISSING
    if isinstance(node, ast.Constant):
        return _number(node.value) if type(node.value) is int else node.value
    kind = _LITERALS.get(type(node))
    return kind() if kind is not None else MISSING
