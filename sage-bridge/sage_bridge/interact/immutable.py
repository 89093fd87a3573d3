# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether a value can be changed by whoever holds it. What is not known for certain can."""

from __future__ import annotations

import sys
from types import (
    BuiltinFunctionType,
    FunctionType,
    MethodDescriptorType,
    ModuleType,
    WrapperDescriptorType,
)
from typing import Any, Callable

from .reserved import MODULES, is_function_reserved

_OURS = __name__.partition(".")[0]
_PLAIN = (bool, int, float, complex, str, bytes, range, type(None), type(...), type(NotImplemented))
#: Packages whose functions change nothing that others hold, but for those whose names are reserved.
_PACKAGES = frozenset((
    "builtins", "cmath", "collections", "fractions", "functools", "itertools", "math", "matplotlib", "mpl_toolkits",
    "mpmath", "numbers", "numpy", "operator", "re", "sage", "scipy", "statistics", "string", "textwrap",
))  # fmt: skip
#: Names of the classes of compiled functions, Cython's and NumPy's.
_COMPILED = ("cython_function_or_method", "ufunc", "_ArrayFunctionDispatcher")
#: Parts of Sage whose objects stand for something elsewhere, or can be changed in place.
_ELSEWHERE = (
    "sage.interfaces.", "sage.libs.", "sage.manifolds.", "sage.tensor.", "sage.numerical.", "sage.databases.",
    "sage.repl.", "sage.misc.sage_input", "sage.parallel.",
)  # fmt: skip
#: Objects that make others and have no state of their own, by the names of their classes.
_MAKERS = frozenset((
    "sage.graphs.graph_generators.GraphGenerators", "sage.graphs.digraph_generators.DiGraphGenerators",
    "sage.geometry.polyhedron.library.Polytopes", "sage.misc.html.HTMLFragmentFactory",
    "sage.homology.examples.SimplicialComplexExamples", "sage.combinat.words.word_generators.WordGenerator",
    "sage.combinat.posets.poset_examples.Posets",
))  # fmt: skip
#: Deepest tuple of tuples that is looked into.
_MAX_DEPTH = 8


class Unsure(Exception):
    """Something may change the session; the text says what."""


def resolved(value: Any) -> Any:
    """What stands behind a name that Sage loads when it is used."""
    module = sys.modules.get("sage.misc.lazy_import")
    if module is not None and type(value) is module.LazyImport:
        return value._get_object()
    return value


def _root(module: Any) -> str:
    return module.partition(".")[0] if isinstance(module, str) else ""


def _is_library(function: FunctionType) -> bool:
    # What it says of its module may be that of a function that it wraps.
    root = _root(function.__globals__.get("__name__"))
    return root in _PACKAGES or root == _OURS


class Judge:
    """Judges values; functions of the reader's it leaves to another."""

    def __init__(self, of_reader: Callable[[FunctionType], None]) -> None:
        """``of_reader``: called for each function of the reader's; raises Unsure."""
        self._of_reader = of_reader

    def check(self, value: Any, name: str, depth: int = 0) -> Any:
        """Judges a value; what it is called is for the message. Returns what stands behind it.

        Raises:
            Unsure: whoever holds it might change it, or might change something else by calling it.
        """
        value = resolved(value)
        kind = type(value)
        if kind in _PLAIN:
            return value
        if kind in (tuple, frozenset):
            if depth > _MAX_DEPTH:
                raise Unsure(f"{name} is nested too deep")
            for one in value:
                self.check(one, name, depth + 1)
            return value
        if isinstance(value, FunctionType):
            self._function(value, name)
        elif isinstance(value, ModuleType):
            if value.__name__ not in MODULES and _root(value.__name__) != "sage":
                raise Unsure(f"{name} is the module {value.__name__}")
        elif isinstance(value, type):
            if _root(value.__module__) not in _PACKAGES or is_function_reserved(value.__name__):
                raise Unsure(f"{name} is a class that is not known")
        elif not self._is_callable_of_library(value) and not _is_object_of_library(value):
            raise Unsure(f"{name} is a {kind.__name__}, which can be changed")
        return value

    def _function(self, function: FunctionType, name: str) -> None:
        if _is_library(function):
            if is_function_reserved(function.__name__):
                raise Unsure(f"{name} may change the session")
        else:
            self._of_reader(function)

    def _is_callable_of_library(self, value: Any) -> bool:
        kind = type(value)
        is_builtin = isinstance(value, (BuiltinFunctionType, MethodDescriptorType, WrapperDescriptorType))
        if not is_builtin and kind.__name__ not in _COMPILED:
            return False
        name = getattr(value, "__name__", "")
        if is_function_reserved(name):
            return False
        owner = getattr(value, "__self__", None)
        if owner is not None and not isinstance(owner, ModuleType):
            # A method that carries its object along.
            self.check(owner, name, 1)
        return kind.__name__ == "ufunc" or _root(_module_of(value)) in _PACKAGES


def _module_of(value: Any) -> Any:
    module = getattr(value, "__module__", None)
    if module is not None:
        return module
    owner = getattr(value, "__self__", None)
    if isinstance(owner, ModuleType):
        return owner.__name__
    return getattr(getattr(value, "__objclass__", type(owner)), "__module__", None)


def _is_object_of_library(value: Any) -> bool:
    """Whether it is an object of Sage's, or a number of NumPy's, that cannot be changed."""
    from sage.plot.colors import Color
    from sage.structure.element import Element
    from sage.structure.factory import UniqueFactory
    from sage.structure.parent import Parent
    from sage.symbolic.function import Function

    kind = type(value)
    # Sage's dynamic classes have the names of those that they were made of.
    module = kind.__module__
    if f"{module}.{kind.__name__}" in _MAKERS or kind is Color:
        return True
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, numpy.generic):
        return True
    if not module.startswith("sage.") or module.startswith(_ELSEWHERE):
        return False
    if isinstance(value, (UniqueFactory, Function)):
        return True
    if isinstance(value, str):
        return True
    return isinstance(value, (Element, Parent)) and not _is_mutable(value)


def _is_mutable(value: Any) -> bool:
    for name, answer in (("is_immutable", False), ("is_mutable", True)):
        ask = getattr(value, name, None)
        if ask is not None:
            return bool(ask()) is answer
    return hasattr(type(value), "__setitem__")
