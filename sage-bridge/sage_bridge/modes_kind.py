# SPDX-License-Identifier: GPL-2.0-or-later
"""What a mode is, and which arguments are its own."""

from __future__ import annotations

import ast
import inspect
from dataclasses import dataclass
from typing import Any, Callable


@dataclass(frozen=True)
class Mode:
    """One mode made here.

    Attributes:
        apply: called with the text, the language around it and the arguments; returns outputs not shown yet.
        options: names of the arguments it takes.
        takes_line: what stands behind the name is an argument, never a text.
    """

    apply: Callable[..., list | None]
    options: frozenset[str] = frozenset()
    takes_line: bool = False


def are_keywords(text: str, options: frozenset[str]) -> bool:
    """Whether a text reads as ``name=value, …`` with names that the mode takes."""
    try:
        call = ast.parse(f"f({text})", mode="eval").body
    except (SyntaxError, ValueError):
        return False
    return (
        isinstance(call, ast.Call)
        and not call.args
        and bool(call.keywords)
        and all(keyword.arg in options for keyword in call.keywords)
    )


def makes_mode(value: Any, places: tuple, options: dict[str, Any]) -> bool:
    """Whether a function called with these arguments alone makes a mode, rather than lacking the text."""
    try:
        inspect.signature(value).bind(*places, **options)
    except TypeError:
        return False
    except ValueError:
        return True
    return True
