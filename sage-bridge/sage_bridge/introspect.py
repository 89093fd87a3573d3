# SPDX-License-Identifier: GPL-2.0-or-later
"""What may follow the cursor, and documentation. Looks names up; never calls the reader's code on purpose."""

from __future__ import annotations

import builtins
import inspect
import keyword
import re
import types
from typing import Any

from .limits import MAX_COMPLETIONS
from .wire import clean

_CHAIN = re.compile(r"(?<![\w.)\]}'\"])([^\W\d]\w*(?:\s*\.\s*[^\W\d]\w*)*)(\s*\.\s*)?\Z")
#: Longest docstring or source sent, characters: the longest of Sage's own are some 100,000.
MAX_TEXT = 200_000

_MISSING = object()
#: What compiled code has before its docstring: where it stands, and its signature.
_POSITION = re.compile(r"\A(?:[\w.]+\(.*\)( -> \S+)?\n)?File: .*\n")


def _look_up(names: list[str], namespace: dict[str, Any]) -> Any:
    """The object a dotted chain names, or ``_MISSING``. Attribute access may run code; the caller has a deadline."""
    value = namespace.get(names[0], getattr(builtins, names[0], _MISSING))
    for name in names[1:]:
        if value is _MISSING:
            return value
        try:
            value = getattr(value, name)
        except Exception:
            return _MISSING
    return value


def _resolved(value: Any) -> Any:
    # Many of Sage's globals are import promises that behave like the object but are not it.
    load = getattr(type(value), "_get_object", None)
    return load(value) if load is not None and type(value).__name__ == "LazyImport" else value


def _kind(value: Any, attribute: bool) -> str:
    if isinstance(value, type):
        return "class"
    if isinstance(value, types.ModuleType):
        return "module"
    if inspect.isroutine(value) or type(value).__name__ in ("LazyImport", "CachedFunction", "CachedMethodCaller"):
        return "method" if attribute else "function"
    if attribute:
        return "method" if callable(value) and not isinstance(value, property) else "attribute"
    # Numbers and rings can be called as well; what is meant to be called says so in its class.
    title = type(value).__name__.lower()
    return "function" if callable(value) and ("function" in title or "factory" in title) else "variable"


def _static(owner: Any, name: str) -> Any:
    try:
        return inspect.getattr_static(owner, name)
    except Exception:
        return None


def _is_text_position(before: str) -> bool:
    """True inside a comment or a string on the last line, where no name stands."""
    quote = ""
    line = before.rsplit("\n", 1)[-1]
    index = 0
    while index < len(line):
        letter = line[index]
        if quote:
            if letter == "\\":
                index += 1
            elif letter == quote:
                quote = ""
        elif letter == "#":
            return True
        elif letter in "'\"":
            quote = letter
        index += 1
    return bool(quote)


def complete(before: str, namespace: dict[str, Any]) -> dict[str, Any]:
    """The texts that may replace the end of ``before``.

    Returns:
        ``target``, the part they would replace, and ``items``, sorted without regard to case, at most
        MAX_COMPLETIONS. Names that begin with an underscore only when the target does.
    """
    nothing = {"target": "", "items": []}
    if _is_text_position(before):
        return nothing
    found = _CHAIN.search(before)
    if found is None:
        return nothing
    names = [name.strip() for name in found[1].split(".")]
    prefix = "" if found[2] else names.pop()
    items = []
    if names:
        owner = _look_up(names, namespace)
        if owner is _MISSING:
            return {"target": prefix, "items": []}
        owner = _resolved(owner)
        for name in dir(owner):
            if isinstance(name, str) and _matches(name, prefix):
                items.append({"text": name, "kind": _kind(_static(owner, name), True)})
    else:
        kinds = {name: "keyword" for name in keyword.kwlist if _matches(name, prefix)}
        for scope in (vars(builtins), namespace):
            for name in list(scope):
                if isinstance(name, str) and name.isidentifier() and _matches(name, prefix):
                    kinds[name] = _kind(scope[name], False)
        items = [{"text": name, "kind": kind} for name, kind in kinds.items()]
    items.sort(key=lambda item: (item["text"].lower(), item["text"]))
    return {"target": prefix, "items": items[:MAX_COMPLETIONS]}


def _matches(name: str, prefix: str) -> bool:
    return name.startswith(prefix) and (prefix.startswith("_") or not name.startswith("_"))


def _signature(value: Any, name: str) -> str | None:
    try:
        return name + str(inspect.signature(value))
    except Exception:
        return _sage_signature(value, name)


def _sage_signature(value: Any, name: str) -> str | None:
    """The signature of compiled code, which Sage reads from its source."""
    try:
        from sage.misc.sageinspect import sage_getargspec

        spec = sage_getargspec(value)
        names, defaults = list(spec.args), list(spec.defaults or ())
        split = len(names) - len(defaults)
        shown = names[:split] + [f"{one}={default!r}" for one, default in zip(names[split:], defaults)]
        shown += [f"*{spec.varargs}"] if spec.varargs else []
        keywords = getattr(spec, "varkw", None) or getattr(spec, "keywords", None)
        shown += [f"**{keywords}"] if keywords else []
        return f"{name}({', '.join(shown)})"
    except Exception:
        return None


def _documentation(value: Any) -> str | None:
    """The docstring as it was written: Sage's own formatting of it would import a documentation builder first."""
    try:
        from sage.misc.sageinspect import _sage_getdoc_unformatted

        text = _sage_getdoc_unformatted(value)
    except Exception:
        text = inspect.getdoc(value)
    return inspect.cleandoc(_POSITION.sub("", text or "", count=1)) or None


def _source(value: Any) -> tuple[str | None, str | None]:
    from sage.misc.sageinspect import sage_getfile, sage_getsource, sage_getsourcelines

    location = None
    try:
        source = sage_getsource(value)
    except Exception:
        return None, None
    try:
        file = sage_getfile(value)
        line = sage_getsourcelines(value)[1]
        file = file[file.rindex("/sage/") + 1 :] if "/sage/" in file else file
        location = f"{file}, line {line}"
    except Exception:
        location = None
    return source, location


def look(before: str, detail: str, namespace: dict[str, Any]) -> dict[str, Any]:
    """Documentation, or the source as well, of the name at the end of ``before``; a ``(`` or ``?`` may follow it."""
    text = before.rstrip()
    while text.endswith(("?", "(")):
        text = text[:-1].rstrip()
    found = _CHAIN.search(text)
    if found is None or found[2]:
        return {"target": "", "found": False}
    names = [name.strip() for name in found[1].split(".")]
    target = ".".join(names)
    value = _look_up(names, namespace)
    if value is _MISSING:
        return {"target": target, "found": False}
    value = _resolved(value)
    answer: dict[str, Any] = {"target": target, "found": True}
    parts: dict[str, str | None] = {"signature": None}
    if callable(value):
        parts["signature"] = _signature(value, names[-1])
    if detail == "source":
        parts["source"], parts["location"] = _source(value)
    else:
        parts["docstring"] = _documentation(value)
    answer.update({part: clean(text[:MAX_TEXT]) for part, text in parts.items() if text})
    return answer
