# SPDX-License-Identifier: GPL-2.0-or-later
"""JSON Schema, as much of it as the generated file uses, compiled to plain functions.

They judge exactly as the TypeScript end judges; a usual message takes some microseconds.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, Callable, Optional

#: Where a value breaks its schema: the path, and what was expected there. None: it does not.
Fault = Optional["tuple[str, str]"]
Check = Callable[[Any], Fault]


def utf16_length(text: str) -> int:
    """As JavaScript counts."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _number(schema: dict[str, Any]) -> Check:
    whole = schema["type"] == "integer"
    low, high = schema.get("minimum"), schema.get("maximum")
    expected = f"{'an integer' if whole else 'a number'} from {low} to {high}"

    def check(value: Any) -> Fault:
        if not _is_number(value):
            return "", expected
        if whole and not float(value).is_integer():
            return "", expected
        if (low is not None and value < low) or (high is not None and value > high):
            return "", expected
        return None

    return check


#: Lengths that are right however they are counted, and of which characters (None: any) a text may be made.
_Plain = Optional["tuple[int, float, Optional[str]]"]
#: A pattern that says only of which characters a text is made, and how many of them.
_OF_CHARACTERS = re.compile(r"\^(\[[^\]^\\][^\]\\]*\])\{(\d+),(\d+)\}\$")


def _plain(schema: dict[str, Any]) -> _Plain:
    """What is certainly a good text, to be found out without a call or a pattern, which take longer than all else."""
    if schema.get("type") != "string" or "const" in schema or "enum" in schema:
        return None
    longest = schema["maxLength"] // 2 if "maxLength" in schema else math.inf
    if "pattern" not in schema:
        return schema.get("minLength", 0), longest, None
    found = _OF_CHARACTERS.fullmatch(schema["pattern"])
    if found is None:
        return None
    characters = "".join(re.findall(found[1], "".join(map(chr, range(128)))))
    return max(schema.get("minLength", 0), int(found[2])), min(longest, int(found[3])), characters


def _string(schema: dict[str, Any]) -> Check:
    short, long = schema.get("minLength", 0), schema.get("maxLength")
    pattern = schema.get("pattern")
    # In Python `$` also matches before a final newline, which JavaScript's does not.
    search = re.compile(re.sub(r"\$$", r"\\Z", pattern), re.ASCII).search if pattern else None

    def check(value: Any) -> Fault:
        if not isinstance(value, str):
            return "", "a string"
        if search is not None and not search(value):
            return "", f"text like {pattern}"
        if short and utf16_length(value) < short:
            return "", f"at least {short} characters"
        if long is not None and 2 * len(value) > long and utf16_length(value) > long:
            return "", f"at most {long} characters"
        return None

    return check


def _array(schema: dict[str, Any]) -> Check:
    least, most = schema.get("minItems", 0), schema.get("maxItems")
    item = compile_schema(schema.get("items", {}))

    def check(value: Any) -> Fault:
        if not isinstance(value, list):
            return "", "an array"
        if most is not None and len(value) > most:
            return "", f"at most {most} items"
        if len(value) < least:
            return "", f"at least {least} items"
        for index, inner in enumerate(value):
            fault = item(inner)
            if fault:
                return _within(str(index), fault)
        return None

    return check


def _within(name: str, fault: tuple[str, str]) -> tuple[str, str]:
    return (f"{name}.{fault[0]}" if fault[0] else name), fault[1]


def _object(schema: dict[str, Any]) -> Check:
    properties = schema.get("properties", {})
    fields = {name: compile_schema(inner) for name, inner in properties.items()}
    texts = {name: plain for name, inner in properties.items() if (plain := _plain(inner)) is not None}
    words = {name: inner["const"] for name, inner in properties.items() if isinstance(inner.get("const"), str)}
    required = tuple(schema.get("required", ()))
    needed = frozenset(required)
    names = compile_schema(schema["propertyNames"]) if "propertyNames" in schema else None
    rest = schema.get("additionalProperties", True)
    other = compile_schema(rest) if isinstance(rest, dict) else None

    def check(value: Any) -> Fault:
        if not isinstance(value, dict):
            return "", "an object"
        if not needed <= value.keys():
            return next(name for name in required if name not in value), "a value"
        for name, inner in value.items():
            if names is not None and names(name):
                return name, "another name"
            if name in texts and type(inner) is str:
                shortest, longest, characters = texts[name]
                if shortest <= len(inner) <= longest and (characters is None or not inner.strip(characters)):
                    continue
            elif name in words and type(inner) is str and inner == words[name]:
                continue
            judge = fields.get(name, other)
            if judge is not None:
                fault = judge(inner)
                if fault:
                    return _within(name, fault)
            elif rest is False:
                return name, "no such field"
        return None

    return check


def _same(left: Any, right: Any) -> bool:
    return type(left) is type(right) and left == right


#: Fields whose constant tells the alternatives of a union apart.
_TAGS = ("type", "kind", "control")


def _alternatives(schemas: list[dict[str, Any]]) -> Check:
    choices = [compile_schema(schema) for schema in schemas]
    tags = {}
    for schema, choice in zip(schemas, choices):
        for name in _TAGS:
            tag = schema.get("properties", {}).get(name, {}).get("const")
            if isinstance(tag, str):
                tags[name, tag] = choice

    def check(value: Any) -> Fault:
        if isinstance(value, dict):
            for name in _TAGS:
                tag = value.get(name)
                if isinstance(tag, str) and (name, tag) in tags:
                    return tags[name, tag](value)
        fault: Fault = ("", "another value")
        for choice in choices:
            fault = choice(value)
            if fault is None:
                return None
        return fault

    return check


_KEYWORDS = {
    "type", "const", "enum", "properties", "required", "additionalProperties", "propertyNames", "items",
    "maxItems", "minItems", "minLength", "maxLength", "pattern", "minimum", "maximum", "oneOf", "anyOf", "$schema",
    "description", "title",
}  # fmt: skip


def compile_schema(schema: dict[str, Any]) -> Check:
    """A function that tells where a value breaks ``schema``, or None.

    Raises:
        ValueError: the schema uses a keyword this module does not know, so that none is ignored silently.
    """
    unknown = set(schema) - _KEYWORDS
    if unknown:
        raise ValueError(f"schema keyword {sorted(unknown)[0]!r} is not supported")
    if "oneOf" in schema or "anyOf" in schema:
        return _alternatives(schema.get("oneOf") or schema["anyOf"])
    if "const" in schema:
        constant = schema["const"]
        return lambda value: None if _same(value, constant) else ("", json.dumps(constant))
    if "enum" in schema:
        allowed = schema["enum"]
        text = ", ".join(map(str, allowed))
        return lambda value: None if any(_same(value, one) for one in allowed) else ("", f"one of {text}")
    kind = schema.get("type")
    if kind == "object":
        return _object(schema)
    if kind == "array":
        return _array(schema)
    if kind == "string":
        return _string(schema)
    if kind in ("number", "integer"):
        return _number(schema)
    if kind == "boolean":
        return lambda value: None if isinstance(value, bool) else ("", "true or false")
    if kind == "null":
        return lambda value: None if value is None else ("", "null")
    if kind is None:
        return lambda value: None
    raise ValueError(f"schema type {kind!r} is not supported")
