# SPDX-License-Identifier: GPL-2.0-or-later
"""What may follow the cursor, and documentation.

Looks names up, with attributes and subscripts, but calls nothing: no function, no property, ``__getattr__``,
``__dir__`` or ``__getitem__`` that the reader wrote. What Sage's own objects run to answer is bounded by the
caller's deadline.
"""

from __future__ import annotations

import ast
import builtins
import fnmatch
import inspect
import keyword
import pkgutil
import re
import sys
import types
from typing import Any, Iterator

from . import introspect_syntax as syntax
from .introspect_lookup import MISSING, evaluate, is_readers, static
from .limits import MAX_COMPLETIONS
from .wire import clean

#: Longest docstring or source sent, characters: the longest of Sage's own are some 100,000.
MAX_TEXT = 200_000

#: What compiled code has before its docstring: where it stands, and its signature.
_POSITION = re.compile(r"\A(?:[\w.]+\(.*\)(?: -> .+)?\n+)?File: .*\n")


def _path(names: list[str]) -> ast.expr:
    return ast.parse(".".join(names), mode="eval").body


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


def _names_of(owner: Any) -> Iterator[str]:
    listing = static(type(owner), "__dir__")
    try:
        names = object.__dir__(owner) if is_readers(listing) else dir(owner)
    except Exception:
        names = dir(type(owner))
    yield from names
    if isinstance(owner, types.ModuleType):
        yield from _submodules(owner)


def _submodules(module: types.ModuleType | None) -> Iterator[str]:
    """Modules in a package, loaded or not; all there are for None."""
    path = None if module is None else getattr(module, "__path__", ())
    try:
        for found in pkgutil.iter_modules(path):
            yield found.name
    except OSError:
        return
    if module is None:
        yield from sys.builtin_module_names


def _members(owner: Any) -> dict[str, str]:
    found = {}
    for name in _names_of(owner):
        if isinstance(name, str) and name.isidentifier():
            value = static(owner, name)
            is_module = value is MISSING and isinstance(owner, types.ModuleType)
            found[name] = "module" if is_module else _kind(value, not isinstance(owner, types.ModuleType))
    return found


def _globals(namespace: dict[str, Any]) -> dict[str, str]:
    found = dict.fromkeys(keyword.kwlist, "keyword")
    for scope in (vars(builtins), namespace):
        for name in list(scope):
            if isinstance(name, str) and name.isidentifier():
                found[name] = _kind(scope[name], False)
    return found


def _importable(path: str, with_members: bool) -> dict[str, str]:
    """What may be imported: modules below ``path``, and what a loaded one holds."""
    if not path:
        return dict.fromkeys(_submodules(None), "module")
    module = sys.modules.get(path)
    if module is None:
        return {}
    found = _members(module)
    return found if with_members else {name: kind for name, kind in found.items() if kind == "module"}


def _items(found: dict[str, str], prefix: str) -> list[dict[str, str]]:
    names = [name for name in found if _matches(name, prefix)]
    names.sort(key=lambda name: (name.lower(), name))
    return [{"text": name, "kind": found[name]} for name in names[:MAX_COMPLETIONS]]


def complete(before: str, namespace: dict[str, Any]) -> dict[str, Any]:
    """The texts that may replace the end of ``before``.

    Returns:
        ``target``, the part they would replace, and ``items``, sorted without regard to case, at most
        MAX_COMPLETIONS. Names that begin with an underscore only when the target does. After a pattern with stars
        and a ``?``, the names that fit it.
    """
    wild = syntax.wildcard(before)
    if wild is not None:
        names = _fitting(*wild, namespace)
        items = [{"text": name, "kind": kind} for name, kind in names.items()]
        return {"target": before[before.rindex(".".join([*wild[0], wild[1]])) :], "items": items[:MAX_COMPLETIONS]}
    target = syntax.target(before)
    if target is None:
        return {"target": "", "items": []}
    if target.module is not None:
        found = _importable(target.module, target.members)
    elif target.owner is not None:
        owner = evaluate(target.owner, namespace)
        found = {} if owner is MISSING else _members(owner)
    else:
        found = _globals(namespace)
    return {"target": target.prefix, "items": _items(found, target.prefix)}


def _fitting(names: list[str], pattern: str, namespace: dict[str, Any]) -> dict[str, str]:
    """Full names, in order, and kinds of what a pattern with stars stands for."""
    found = _globals(namespace)
    start = ""
    if names:
        owner = evaluate(_path(names), namespace)
        found = {} if owner is MISSING else _members(owner)
        start = ".".join(names) + "."
    fits = re.compile(fnmatch.translate(pattern), re.IGNORECASE).match
    chosen = [name for name in found if fits(name) and (pattern.startswith("_") or not name.startswith("_"))]
    chosen.sort(key=lambda name: (name.lower(), name))
    return {start + name: found[name] for name in chosen}


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
    if not text and not isinstance(value, type):
        # A function that is an object is often described where it is made.
        text = inspect.getdoc(type(value).__init__)
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
    """Documentation, or the source, of the name at the end of ``before``, or of the function being called there.

    Returns:
        ``target`` and ``found``; then what there is of ``signature``, ``docstring``, ``source`` and ``location``.
        ``name??`` asks for the source. For a pattern with stars and a ``?``, the docstring lists what fits it.
    """
    wild = syntax.wildcard(before)
    if wild is not None:
        names = _fitting(*wild, namespace)
        answer: dict[str, Any] = {"target": ".".join([*wild[0], wild[1]]), "found": bool(names)}
        if names:
            answer["docstring"] = "\n".join(names)[:MAX_TEXT]
        return answer
    asked = syntax.asked(before, detail)
    if asked is None:
        return {"target": "", "found": False}
    target, node, detail = asked
    value = evaluate(node, namespace)
    if value is MISSING:
        return {"target": target, "found": False}
    answer = {"target": target, "found": True}
    parts: dict[str, str | None] = {"signature": None}
    if callable(value):
        parts["signature"] = _signature(value, target.rpartition(".")[2])
    if detail == "source":
        parts["source"], parts["location"] = _source(value)
    else:
        parts["docstring"] = _documentation(value)
    answer.update({part: clean(text[:MAX_TEXT]) for part, text in parts.items() if text})
    return answer
