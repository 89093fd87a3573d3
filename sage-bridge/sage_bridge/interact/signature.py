# SPDX-License-Identifier: GPL-2.0-or-later
"""What the reader's function is: how it wants to be called, and its code."""

from __future__ import annotations

import inspect
from types import CodeType
from typing import Any, Callable, Iterable

from .boxes import ExpressionBox

#: As the wire bounds names.
_MAX_NAME = 64


def checked_name(name: Any) -> str:
    """A name for a control.

    Raises:
        ValueError: no argument that the page may choose can have it.
    """
    if not isinstance(name, str) or not name.isidentifier() or name.startswith("_"):
        raise ValueError(f"invalid control name: {name}")
    if len(name) > _MAX_NAME:
        raise ValueError(f"invalid control name: {name} has more than {_MAX_NAME} characters")
    return name


def code_of(function: Any) -> CodeType | None:
    """The code of the reader's that a call runs; None when that is compiled, or cannot be told."""
    function = inspect.unwrap(function) if callable(function) else function
    code = getattr(function, "__code__", None)
    if code is None and not isinstance(function, type):
        code = getattr(getattr(type(function), "__call__", None), "__code__", None)  # noqa: B004
    return code if isinstance(code, CodeType) else None


def facts_of(code: CodeType) -> Iterable[str]:
    """Lines that are the same for the same code, in every process, and others for other code."""
    yield f"{code.co_name} {code.co_code.hex()} {code.co_names} {code.co_varnames}"
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from facts_of(constant)
        elif isinstance(constant, frozenset):
            yield repr(sorted(map(repr, constant)))
        else:
            yield repr(constant)


class Signature:
    """How the reader's function wants to be called.

    Attributes:
        proxy: the name of the first argument, when it has no default and so gets the interact itself; else None.
        defaults: values of the other arguments by name; ``inspect.Parameter.empty`` where there is none.
    """

    def __init__(self, function: Callable[..., Any], given: set[str]) -> None:
        """``given``: names of arguments whose controls are told elsewhere."""
        self.proxy: str | None = None
        self.defaults: dict[str, Any] = {}
        self._places: list[str] = []
        self._takes_all = False
        try:
            parameters = list(inspect.signature(function).parameters.values())
        except (TypeError, ValueError):
            # Compiled functions may not tell; what is named in ``controls`` is passed to them by name.
            parameters = []
            self._takes_all = True
        for index, parameter in enumerate(parameters):
            if parameter.kind is parameter.VAR_KEYWORD:
                self._takes_all = True
            elif parameter.kind is not parameter.VAR_POSITIONAL:
                is_first = index == 0 and parameter.kind is not parameter.KEYWORD_ONLY
                if is_first and parameter.default is parameter.empty and parameter.name not in given:
                    self.proxy = parameter.name
                    continue
                self.defaults[parameter.name] = parameter.default
                if parameter.kind is parameter.POSITIONAL_ONLY:
                    self._places.append(parameter.name)

    def takes(self, name: str) -> bool:
        """Whether an argument of that name may be passed."""
        return self._takes_all or name in self.defaults

    def arrange(self, proxy: Any, values: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        """Arguments by place and by name."""
        places = [] if self.proxy is None else [proxy]
        places += [values[name] for name in self._places if name in values]
        named = {name: value for name, value in values.items() if name not in self._places and self.takes(name)}
        return places, named


def named_controls(controls: Iterable[Any] | None) -> list[tuple[str, Any]]:
    """Pairs of a name and what its control is made of, of what the reader passed as ``controls``."""
    pairs: list[tuple[str, Any]] = []
    items = controls.items() if isinstance(controls, dict) else controls or ()
    for item in items:
        name, value = (item, ExpressionBox("0")) if isinstance(item, str) else _pair_of(item)
        if any(name == known for known, _ in pairs):
            raise ValueError(f"duplicate argument in interact definition: {name}")
        pairs.append((checked_name(name), value))
    return pairs


def _pair_of(item: Any) -> tuple[Any, Any]:
    try:
        name, value = item
    except (TypeError, ValueError):
        raise ValueError(f"controls takes names and pairs of a name and its control, not {item!r}") from None
    return name, value


def plain(function: Any) -> Any:
    """The function to be called, of what the reader decorates: anything that can be called."""
    if isinstance(function, (classmethod, staticmethod)):
        function = function.__func__
    if not callable(function):
        raise TypeError(f"interact takes a function, not {function!r}")
    return function
