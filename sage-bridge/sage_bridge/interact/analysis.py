# SPDX-License-Identifier: GPL-2.0-or-later
"""What code of the reader's may change, told from the compiled code without running it."""

from __future__ import annotations

import builtins
import dis
import sys
from types import CodeType, FunctionType, ModuleType
from typing import Any

from .immutable import Judge, Unsure
from .reserved import MODULES, SHOWN_BY_SALVUS, is_attribute_reserved, is_function_reserved

_MISSING = object()
_CHANGING = frozenset((
    "STORE_GLOBAL", "DELETE_GLOBAL", "STORE_NAME", "DELETE_NAME", "STORE_ATTR", "DELETE_ATTR", "IMPORT_STAR",
    "LOAD_BUILD_CLASS",
))  # fmt: skip
_BY_NAME = frozenset(("LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS"))
_OF_CLOSURE = frozenset(("LOAD_DEREF", "LOAD_CLASSDEREF", "LOAD_FROM_DICT_OR_DEREF"))
_INTO_CLOSURE = frozenset(("STORE_DEREF", "DELETE_DEREF"))
_ATTRIBUTE = frozenset(("LOAD_ATTR", "LOAD_METHOD", "LOAD_SUPER_ATTR"))
#: Between a function, its arguments and its call, in some versions of Python.
_BETWEEN = frozenset(("PUSH_NULL", "PRECALL", "CACHE", "NOP", "RESUME"))
#: Functions and pieces of code of one verdict: more than that is not looked through.
_MAX_CODES = 500


class Analysis:
    """Looks through functions, and all that they call.

    Attributes:
        needed: values of globals that what it found rests on, by name: it holds as long as they are the same.
        functions: the functions of the reader's it looked through, with their code and defaults at that time.
    """

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.needed: dict[str, Any] = {}
        self.functions: list[tuple[FunctionType, CodeType, Any, Any]] = []
        self._namespace = namespace
        self._judge = Judge(self._function)
        # Why each function is in doubt; None for one that is not, or is being looked through.
        self._seen: dict[int, str | None] = {}
        self._codes = 0

    def still_holds(self) -> bool:
        """Whether everything it rests on is as it was."""
        namespace = self._namespace
        for name, value in self.needed.items():
            if namespace.get(name, _MISSING) is not value:
                return False
        return all(
            function.__code__ is code and function.__defaults__ is defaults and function.__kwdefaults__ is named
            for function, code, defaults, named in self.functions
        )

    def value(self, value: Any, name: str) -> None:
        """Looks at a value that a function gets. Raises Unsure."""
        self._judge.check(value, name)

    def function(self, function: Any) -> None:
        """Looks through the function of an interact, which is called with all its arguments. Raises Unsure."""
        if not isinstance(function, FunctionType):
            raise Unsure("it is no plain function")
        self._look_through(function, with_defaults=False)

    def code(self, code: CodeType) -> None:
        """Looks through code that is run in the namespace. Raises Unsure."""
        self._code(code, {}, frozenset())

    def _function(self, function: FunctionType) -> None:
        if id(function) not in self._seen:
            self._look_through(function, with_defaults=True)
        doubt = self._seen[id(function)]
        if doubt is not None:
            raise Unsure(doubt)

    def _look_through(self, function: FunctionType, with_defaults: bool) -> None:
        self._seen[id(function)] = None
        # It stays alive, and its number its own.
        self.functions.append((function, function.__code__, function.__defaults__, function.__kwdefaults__))
        try:
            self._parts(function, with_defaults)
        except Unsure as error:
            self._seen[id(function)] = str(error)
            raise

    def _parts(self, function: FunctionType, with_defaults: bool) -> None:
        code = function.__code__
        if function.__globals__ is not self._namespace:
            raise Unsure(f"{code.co_name} is not of this session")
        if with_defaults:
            for value in (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()):
                self._judge.check(value, f"a default of {code.co_name}")
        closure = {}
        for name, cell in zip(code.co_freevars, function.__closure__ or ()):
            try:
                closure[name] = cell.cell_contents
            except ValueError:
                raise Unsure(f"{name} has no value yet") from None
            self._judge.check(closure[name], name)
        self._code(code, closure, frozenset(code.co_freevars))

    def _code(self, code: CodeType, closure: dict[str, Any], outer: frozenset[str]) -> None:
        self._codes += 1
        if self._codes > _MAX_CODES:
            raise Unsure("there is too much of it")
        steps = [step for step in dis.get_instructions(code) if step.opname not in _BETWEEN]
        module: Any = None
        index = 0
        while index < len(steps):
            step = steps[index]
            index += 1
            name, operand = step.opname, step.argval
            if name in _CHANGING:
                raise Unsure(f"{name} {operand}")
            if name in _INTO_CLOSURE and operand in outer:
                raise Unsure(f"{operand} is outside of the function")
            if name in _BY_NAME:
                index = self._global(operand, steps, index)
            elif name in _OF_CLOSURE and operand in outer and operand in closure:
                index = self._chain(closure[operand], operand, steps, index)
            elif name in _ATTRIBUTE:
                self._attribute(operand)
            elif name == "IMPORT_NAME":
                module = self._module(operand)
            elif name == "IMPORT_FROM":
                self._judge.check(getattr(module, operand, None), operand)
        for constant in code.co_consts:
            if isinstance(constant, CodeType):
                # What is free in it and not of the function is of the function's own run.
                inner = outer & frozenset(constant.co_freevars)
                self._code(constant, closure, inner)

    def _global(self, name: str, steps: list[Any], index: int) -> int:
        """A global is read; where to go on."""
        value = self._namespace.get(name, _MISSING)
        self.needed[name] = value
        if name == "var" and value is not _MISSING:
            return self._known_symbols(steps, index)
        if is_function_reserved(name):
            raise Unsure(f"{name} may change the session")
        if value is _MISSING:
            value = getattr(builtins, name, _MISSING)
            if value is _MISSING:
                # Using it would be an error.
                return index
        return self._chain(value, name, steps, index)

    def _known_symbols(self, steps: list[Any], index: int) -> int:
        """``var('x, y')`` changes nothing where all of these are such symbols already."""
        if index + 1 >= len(steps):
            raise Unsure("var")
        text, call = steps[index], steps[index + 1]
        is_call = call.opname in ("CALL", "CALL_FUNCTION") and call.arg == 1
        if text.opname != "LOAD_CONST" or not isinstance(text.argval, str) or not is_call:
            raise Unsure("var")
        from sage.symbolic.ring import SR

        for name in text.argval.replace(",", " ").split():
            known = self._namespace.get(name, _MISSING)
            if not name.isidentifier() or known is not SR.var(name):
                raise Unsure(f"var: {name} would be new")
            self.needed[name] = known
        return index + 2

    def _chain(self, value: Any, name: str, steps: list[Any], index: int) -> int:
        """Judges a value and the attributes that are read of it right away; where to go on."""
        attributes = []
        while index < len(steps) and steps[index].opname in _ATTRIBUTE:
            attributes.append(steps[index].argval)
            self._attribute(steps[index].argval)
            index += 1
        if _is_salvus(value):
            if not attributes or attributes[0] not in SHOWN_BY_SALVUS:
                raise Unsure(f"{name} may change the session")
            return index
        if _is_latex(value):
            if attributes:
                raise Unsure(f"{name} holds settings")
            return index
        value = self._judge.check(value, name)
        for attribute in attributes:
            if not isinstance(value, (ModuleType, type, FunctionType)):
                # A method of something that cannot be changed.
                break
            name = f"{name}.{attribute}"
            value = self._judge.check(getattr(value, attribute, None), name)
        return index

    @staticmethod
    def _attribute(name: str) -> None:
        if is_attribute_reserved(name):
            raise Unsure(f".{name} may change the session")

    @staticmethod
    def _module(name: str) -> Any:
        if name.partition(".")[0] != "sage" and name not in MODULES:
            raise Unsure(f"it imports {name}")
        module = sys.modules.get(name)
        if module is None:
            raise Unsure(f"{name} is not imported")
        return module


def _is_salvus(value: Any) -> bool:
    return type(value).__module__ == "sage_bridge.salvus" and type(value).__name__ == "Salvus"


def _is_latex(value: Any) -> bool:
    return type(value).__module__ == "sage.misc.latex" and type(value).__name__ == "Latex"
