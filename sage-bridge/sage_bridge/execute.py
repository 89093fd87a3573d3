# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs one piece of the reader's code: preparse, compile, run, display the value of its last expression."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Callable

from . import errors, modes_bare, question, transcript
from .awaiting import Awaiting, awaits
from .channel import Channel, Guard
from .display import Screen
from .preparse import preparse

if TYPE_CHECKING:
    from .interact import Registry
    from .modes import Modes

#: Code of the statements and of the last expression; either may be missing.
Prepared = tuple
#: Code may await outside of functions.
_FLAGS = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT


def reader_lines(code: str, preparsed: str) -> list[int] | None:
    """For each line of the preparsed text the reader's own line, or None when they are the same.

    The preparser joins lines that end in a backslash; nothing else of it moves a line.
    """
    theirs = code.split("\n")
    count = preparsed.count("\n") + 1
    if len(theirs) == count:
        return None
    numbers = [1] + [number for number, before in enumerate(theirs[:-1], start=2) if not before.endswith("\\")]
    if len(numbers) < count:
        numbers += [len(theirs)] * (count - len(numbers))
    return numbers[:count]


def _renumber(tree: ast.AST, numbers: list[int]) -> None:
    def reader(line: int) -> int:
        return numbers[min(max(line, 1), len(numbers)) - 1]

    for node in ast.walk(tree):
        if hasattr(node, "lineno"):
            node.lineno = reader(node.lineno)
            if node.end_lineno is not None:
                node.end_lineno = max(reader(node.end_lineno), node.lineno)
                # Columns of joined lines can run backwards, which the compiler refuses.
                node.col_offset = node.end_col_offset = 0


def _is_expression(source: str) -> bool:
    """Whether it is one, most likely, that begins in the first column and is to be displayed."""
    return "\n" not in source and ";" not in source and "=" not in source and not source[:1].isspace()


def _is_silenced(source: str, last: ast.Expr) -> bool:
    """True when a semicolon follows the last expression, which asks for its value not to be shown."""
    lines = source.split("\n")
    rest = lines[last.end_lineno - 1].encode()[last.end_col_offset :].decode("utf-8", "replace")
    return rest.lstrip().startswith(";")


class Interpreter:
    """Executes code in one namespace; what it defines stays for the next.

    Attributes:
        namespace: the globals of the reader's code.
        values: what became of the expressions of the last run, by name.
        modes: what runs code that uses ``%``; without it such code is a syntax error.
        interacts: those of the session.
        leavings: asked at the end of a run for outputs of what it left behind: open figures, new files.
    """

    def __init__(self, namespace: dict[str, Any], screen: Screen, guard: Guard, channel: Channel) -> None:
        self.namespace = namespace
        self._screen = screen
        self._guard = guard
        self._channel = channel
        self._cells = errors.Cells()
        self.values: dict[str, dict[str, Any]] = {}
        self.modes: Modes | None = None
        self.interacts: Registry | None = None
        self._awaiting = Awaiting()
        self.leavings: list[Callable[[], list[dict[str, Any]]]] = []

    def forget(self) -> None:
        """Drops what earlier code left outside the namespace."""
        self._cells.forget()
        if self.interacts is not None:
            self.interacts.forget()
        for name in ("_", "__"):
            self.namespace.pop(name, None)

    def run(
        self,
        code: str,
        language: str = "sage",
        typeset: bool = False,
        number: int = 0,
        expressions: dict[str, str] | None = None,
        frame: dict[str, Any] | None = None,
    ) -> tuple[str, list[dict[str, Any]]]:
        """Runs ``code`` as the command of that number; if it ends well, evaluates the Python ``expressions``.

        ``frame``: an interact to be run, in the place of code, and what its controls hold.

        Returns:
            ``ok``, ``error`` or ``interrupted``, and the last value or the error as outputs.
        """
        self._screen.begin(typeset)
        self.values = {}
        name = CELL_BEFORE_NAMING
        if self.interacts is not None:
            self.interacts.begin()
        try:
            try:
                self._channel.begin(number)
                if frame is not None and self.interacts is not None:
                    name = self.interacts.frame_name(frame) or name
                    self.interacts.run_frame(frame)
                    outputs = self.left(name)
                else:
                    if "\r" in code:
                        code = code.replace("\r\n", "\n").replace("\r", "\n")
                    if language in ("sage", "python") and transcript.is_one(code):
                        code = transcript.code_of(code)
                    name = self._cells.add(code)
                    outputs = self._run(code, name, language) + self.left(name)
                status = "error" if self.interacts is not None and self.interacts.has_failed else "ok"
                for key, expression in (expressions or {}).items() if status == "ok" else ():
                    self.values[key] = self._evaluate(expression)
            except SyntaxError as error:
                outputs, status = [*self.left(name), self._syntax_or_raised(error, code, name)], "error"
            except KeyboardInterrupt as error:
                # Sage's alarm raises a subclass, which is the reader's own affair.
                status = "interrupted" if type(error) is KeyboardInterrupt else "error"
                outputs = [errors.describe(error, name)]
            except BaseException as error:
                outputs, status = [*self.left(name), errors.describe(error, name)], "error"
            finally:
                self._guard.end()
        except KeyboardInterrupt as error:
            # It came while an end was being described.
            self._guard.end()
            outputs, status = [errors.describe(error, name)], "interrupted"
        return status, outputs

    def left(self, name: str) -> list[dict[str, Any]]:
        """Outputs of what the code compiled under ``name`` left behind: open figures, new files."""
        outputs: list[dict[str, Any]] = []
        for ask in self.leavings:
            try:
                outputs += ask()
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                outputs.append(errors.describe(error, name))
        return outputs

    def _evaluate(self, expression: str) -> dict[str, Any]:
        try:
            code = compile(expression.strip(), "<expression>", "eval", dont_inherit=True)
            return {"status": "ok", "data": self._screen.forms(eval(code, self.namespace))}  # noqa: S307
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            described = errors.describe(error, "<expression>")
            return {"status": "error", "name": described["name"], "message": described["message"]}

    @staticmethod
    def _syntax_or_raised(error: SyntaxError, code: str, name: str) -> dict[str, Any]:
        # One that arose while running (eval, import) has a frame of the reader's code.
        described = errors.describe(error, name)
        return described if "line" in described else errors.describe_syntax(error, code)

    def _run(self, code: str, name: str, language: str) -> list[dict[str, Any]]:
        if language not in ("sage", "python") and self.modes is not None:
            return self.modes.foreign(code, name, language)
        if self.modes is not None and self.modes.concern(code):
            return self.modes.run(code, name, language)
        try:
            prepared = self.prepare(code, name, language)
        except SyntaxError as error:
            asked = question.at_end(code)
            if asked is None:
                marked = self._with_marks(code, name, language, error)
                if marked is None or self.modes is None:
                    raise
                return self.modes.run(marked, name, language)
            outputs = self.perform(self.prepare(asked[0], name, language))
            text = question.answer(asked[1], self.namespace)
            return [*outputs, {"kind": "display", "data": {"text/plain": text}, "result": True}]
        return self.perform(prepared)

    def _with_marks(self, code: str, name: str, language: str, error: SyntaxError) -> str | None:
        """The code with every ``%`` that it lacks; None if that is not what is wrong with it."""
        marked = modes_bare.with_mark(code, error.lineno)
        while marked is not None and self.modes is not None:
            try:
                self.modes.check(marked, name, language)
                return marked
            except SyntaxError as another:
                marked = modes_bare.with_mark(marked, another.lineno)
        return None

    def remember(self, code: str) -> str:
        """Keeps the source of code that is not the cell's own, for tracebacks; the name to compile it under."""
        return self._cells.add(code)

    def prepare(self, code: str, name: str, language: str) -> Prepared:
        """Compiles code: what is to be executed, and the expression at its end that is to be displayed."""
        source = code
        numbers = None
        if language == "sage":
            source = preparse(code)
            numbers = reader_lines(code, source) if "\\" in code else None
        if "\0" in source:
            raise SyntaxError("the code contains a NUL character")
        if numbers is None and _is_expression(source):
            # Compiled without a detour through Python's objects for its tree.
            try:
                return None, compile(source, name, "eval", _FLAGS, dont_inherit=True)
            except SyntaxError:
                pass
        try:
            tree = ast.parse(source, name)
        except SyntaxError as error:
            if numbers is not None and error.lineno is not None:
                error.lineno = numbers[min(max(error.lineno, 1), len(numbers)) - 1]
            raise
        last = tree.body[-1] if tree.body else None
        silenced = isinstance(last, ast.Expr) and _is_silenced(source, last)
        if numbers is not None:
            _renumber(tree, numbers)
        value_code = None
        if isinstance(last, ast.Expr) and not silenced:
            del tree.body[-1]
            value_code = compile(ast.Expression(last.value), name, "eval", _FLAGS, dont_inherit=True)
        body_code = compile(tree, name, "exec", _FLAGS, dont_inherit=True) if tree.body else None
        return body_code, value_code

    def perform(self, prepared: Prepared, is_shown: bool = True) -> list[dict[str, Any]]:
        """Runs what was compiled; the last value as outputs, if it ``is_shown``."""
        body_code, value_code = prepared
        if awaits(body_code) or awaits(value_code):
            value = self._awaiting.run(prepared, self.namespace)
        else:
            if body_code is not None:
                exec(body_code, self.namespace)  # noqa: S102
            if value_code is None:
                return []
            value = eval(value_code, self.namespace)  # noqa: S307
        if value is None:
            return []
        self.namespace["_"] = value
        return self._screen.result(value) if is_shown else []


CELL_BEFORE_NAMING = "<cell 0>"
