# SPDX-License-Identifier: GPL-2.0-or-later
"""Messages: texts judged by the generated JSON Schema, as the TypeScript end judges them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .schema import Check, compile_schema, utf16_length

#: Deepest nesting of arrays and objects accepted; the TypeScript end has the same figure.
MAX_DEPTH = 16


class Problem(Exception):
    """A text that is not an acceptable message.

    Attributes:
        code: ``bad-message`` or ``unknown-type``.
        field: dotted path of the offending field, or None.
        about: the identifier the message carried, or None.
    """

    def __init__(self, code: str, message: str, field: str | None = None, about: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.field = field
        self.about = about


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _parse_int(digits: str) -> float | int:
    if len(digits) < 17:
        return int(digits)
    return float(digits)


_scan = json.JSONDecoder(parse_constant=_refuse_constant, parse_int=_parse_int).scan_once


def parse_json(text: str) -> Any:
    """What JavaScript's ``JSON.parse`` reads from ``text``.

    Raises:
        ValueError: it is not JSON.
    """
    stripped = text.strip(" \t\n\r")
    try:
        value, end = _scan(stripped, 0)
    except StopIteration:
        raise ValueError("not a value") from None
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if end != len(stripped):
        raise ValueError("more than one value")
    return value


def _too_deep(value: Any, depth: int) -> bool:
    if depth == 0:
        return isinstance(value, (dict, list))
    inner: Any = value.values() if isinstance(value, dict) else value
    return any(isinstance(one, (dict, list)) and _too_deep(one, depth - 1) for one in inner)


def _identifier(value: dict[str, Any]) -> str | None:
    for name in ("execution", "request", "session"):
        text = value.get(name)
        if isinstance(text, str) and utf16_length(text) <= 64:
            return text
    return None


class Judge:
    """Reads texts as messages of one union."""

    def __init__(self, union: dict[str, Any]) -> None:
        """``union``: a schema whose alternatives each have a constant ``type``."""
        options = union.get("oneOf") or union["anyOf"]
        self._checks = {option["properties"]["type"]["const"]: compile_schema(option) for option in options}

    @property
    def types(self) -> list[str]:
        """The message types of the union, in the contract's order."""
        return list(self._checks)

    def read(self, text: str) -> dict[str, Any]:
        """The message in ``text``.

        Raises:
            Problem: it is not one.
        """
        try:
            value = parse_json(text)
        except ValueError:
            raise Problem("bad-message", "The message is not JSON.") from None
        if not isinstance(value, dict):
            raise Problem("bad-message", "The message is not a JSON object.")
        # It can't be deeper than it has brackets.
        if text.count("{") + text.count("[") > MAX_DEPTH and _too_deep(value, MAX_DEPTH):
            raise Problem("bad-message", f"The message is nested deeper than {MAX_DEPTH} levels.")
        tag = value.get("type")
        check = self._checks.get(tag) if isinstance(tag, str) else None
        if check is None:
            about = _identifier(value)
            shown = json.dumps(tag)[:80] if "type" in value else "nothing"
            raise Problem("unknown-type", f"type is {shown}; allowed: {', '.join(self._checks)}.", "type", about)
        fault = check(value)
        if fault:
            about = _identifier(value)
            field, expected = fault
            raise Problem(
                "bad-message", f"{tag}: {field or 'message'}: expected {expected[:200]}.", field or None, about
            )
        return value


#: The unions of messages, as the generated file names them.
UNIONS = ("clientMessage", "serverMessage", "bridgeCommand", "bridgeEvent")


def load() -> dict[str, Any]:
    """The generated schemas by name: those of ``UNIONS``, and ``interactView`` and ``interactChange``."""
    everything = json.loads(Path(__file__).with_name("protocol.schema.json").read_text("utf-8"))
    return {name: declared for name, declared in everything.items() if name != "limits"}


def field_check(schemas: dict[str, Any], kind: str, field: str) -> Check:
    """A check of one field of a bridge event."""
    for option in schemas["bridgeEvent"].get("oneOf") or schemas["bridgeEvent"]["anyOf"]:
        if option["properties"]["type"]["const"] == kind:
            return compile_schema(option["properties"][field])
    raise ValueError(f"the schema has no message {kind}")
