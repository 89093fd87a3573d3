# SPDX-License-Identifier: GPL-2.0-or-later
"""Modes: ``%name`` at the start of a statement says what the text after it, or below it, is.

Alone on its line a mode takes all that follows; with text behind it, that text only. Several on successive lines
are nested, the first outermost. ``%name(…)`` passes arguments. A mode is one of those made here, or anything in the
reader's namespace that takes a string: a function, or an object with ``eval``. A text that a function of the
reader's returns is run; any other value is displayed.
"""

from __future__ import annotations

import inspect
import sys
from dataclasses import replace
from typing import Any

from . import languages
from .display import Screen
from .display_tex import html_forms, tex_forms
from .modes_calls import Calls
from .modes_capture import captured
from .modes_kind import Mode, are_keywords, makes_mode
from .modes_syntax import CANDIDATE, Code, Use, split
from .modes_timing import TIMEIT_OPTIONS, best_of, profiled, timed

Outputs = list


_DISPLAYS = frozenset({"latex", "typeset", "plain", "simple", "text", "default", "ascii_art", "unicode_art"})


#: Settings of Jupyter's own, which have nothing to set here.
_JUPYTERS = ("autoreload", "config", "load_ext", "matplotlib", "reload_ext")
#: Other names that readers know modes by.
_ALIASES = {
    "bash": "sh",
    "hideall": "hide",
    "js": "javascript",
    "markdown": "md",
    "python3": "python",
    "R": "r",
    "writefile": "file",
}


class Modes:
    """The modes of one session.

    Attributes:
        typeset: what ``%typeset_mode`` was set to: False, True or ``"display"``.
    """

    def __init__(self, interpreter: Any, screen: Screen) -> None:
        """``interpreter``: compiles and runs code that uses no mode."""
        self._interpreter = interpreter
        self._screen = screen
        self._default: Use | None = None
        self._calls = Calls(interpreter)
        self._modes: dict[str, Mode] = {
            "sage": Mode(self._sage),
            "python": Mode(self._python),
            "html": Mode(self._html, frozenset({"hide"})),
            "md": Mode(self._md, frozenset({"hide"})),
            "latex": Mode(self._latex, frozenset({"hide"})),
            "javascript": Mode(self._javascript, frozenset({"once"})),
            "time": Mode(self._time),
            "timeit": Mode(self._timeit, TIMEIT_OPTIONS),
            "prun": Mode(self._profile),
            "capture": Mode(self._capture, frozenset({"stdout", "stderr", "append", "echo"})),
            "file": Mode(self._file, takes_line=True),
            "hide": Mode(self._accept, takes_line=True),
            "auto": Mode(self._accept, takes_line=True),
            # What cells written for Jupyter begin with.
            **dict.fromkeys(_JUPYTERS, Mode(self._accept, takes_line=True)),
            "display": Mode(self._set_display, takes_line=True),
            "default_mode": Mode(self._set_default, takes_line=True),
            "typeset_mode": Mode(self._set_typeset, takes_line=True),
        }

    @property
    def namespace(self) -> dict[str, Any]:
        """The reader's variables."""
        return self._interpreter.namespace

    def names(self) -> list[str]:
        """Every mode made here that can be used on this machine, sorted."""
        return sorted([*self._modes, *languages.available()])

    def concern(self, code: str) -> bool:
        """Whether the code has to be looked at; asked before every run, so it is quick."""
        if self._default is not None:
            return True
        # Most code has neither, which is known sooner.
        return ("%" in code or "!" in code) and CANDIDATE.search(code) is not None

    def run(self, code: str, name: str, language: str) -> Outputs:
        """Runs a whole cell; the outputs not shown yet, as from the interpreter."""
        self._calls.name = name
        return self._run(Code(code), language)

    def foreign(self, code: str, name: str, language: str) -> Outputs:
        """Runs a whole cell that is written in another language: nothing in it is a use of a mode."""
        self._calls.name = name
        return self._use(Use(1, language, None, "", (), 0), "sage", Code(code))

    def nested(self, code: str, language: str = "sage") -> None:
        """Runs code from within a run, and shows its last value."""
        self._screen.send(self._apart(code, language))

    def _apart(self, code: str, language: str) -> Outputs:
        outer, self._calls.name = self._calls.name, self._interpreter.remember(code)
        try:
            return self._run(Code(code), language, as_is=True)
        finally:
            self._calls.name = outer

    def check(self, code: str, name: str, language: str) -> None:
        """Raises the error of what uses no mode and cannot be compiled; runs nothing."""
        self._calls.name = name
        self._ready(split(Code(code)), language)

    def _ready(self, pieces: list[Any], language: str) -> list[Any]:
        return [
            piece if isinstance(piece, Use) else self._interpreter.prepare(piece.padded(), self._calls.name, language)
            for piece in pieces
        ]

    def _run(self, code: Code, language: str, as_is: bool = False) -> Outputs:
        pieces = split(code)
        if self._default is not None and not as_is and language == "sage":
            default = self._default
            if pieces and not isinstance(pieces[0], Use):
                return self._use(default, language, code)
        # Nothing runs when a later piece cannot be compiled.
        ready = self._ready(pieces, language)
        outputs: Outputs = []
        for index, piece in enumerate(ready):
            self._screen.send(outputs)
            if not isinstance(piece, Use):
                is_last = index == len(ready) - 1
                outputs = self._interpreter.perform(piece) if is_last else self._interpreter.perform(piece, False)
                continue
            piece = self._called(piece)
            mode = self._modes.get(piece.name)
            if mode is not None and piece.text and (mode.takes_line or are_keywords(piece.text, mode.options)):
                return self._use(replace(piece, arguments=piece.text, text=""), language)
            outputs = self._use(piece, language)
        return outputs

    # ---- one use ----

    def _called(self, use: Use) -> Use:
        """The use, under the name the mode has here; what the reader defined goes before other names of ours."""
        # Sage's class `R` is in the namespace of some, and is no mode.
        if use.name in _ALIASES and isinstance(self._interpreter.namespace.get(use.name, type), type):
            return replace(use, name=_ALIASES[use.name])
        return use

    def _use(self, use: Use, language: str, body: Code | None = None) -> Outputs:
        if body is None:
            body = Code(use.text, use.line) if use.text else use.rest
        else:
            use = replace(use, line=body.line)
        mode = self._modes.get(use.name)
        if mode is not None and mode.takes_line:
            return mode.apply(body, language, (use.arguments or "").strip()) or []
        places, options = self._calls.arguments(use, language)
        if mode is not None:
            unknown = [name for name in options if name not in mode.options]
            if places or unknown:
                allowed = ", ".join(sorted(mode.options)) or "no arguments"
                raise self._calls.at(use.line, TypeError(f"%{use.name} takes {allowed}"))
            return mode.apply(body, language, **options) or []
        if use.name in languages.NAMES:
            self._calls.here(use.line, lambda: languages.run(use.name, body, self._interpreter.namespace))
            return []
        return self._of_reader(use, body, language, places, options)

    def _of_reader(self, use: Use, body: Code, language: str, places: tuple, options: dict[str, Any]) -> Outputs:
        value: Any = self._interpreter.namespace
        for index, part in enumerate(use.name.split(".")):
            try:
                value = getattr(value, part) if index else value[part]
            except (KeyError, AttributeError):
                raise self._calls.at(use.line, NameError(self._unknown(use.name))) from None
        if callable(value) and use.arguments is not None and makes_mode(value, places, options):
            value = self._calls.by_reader(use.line, value, *places, **options)
            options = {}
        if not inspect.isroutine(value) and callable(getattr(value, "eval", None)):
            result = self._calls.here(use.line, lambda: languages.evaluated(value, str(body), options))
            if type(result) is str:
                sys.stdout.write(result.rstrip("\n") + "\n" if result.strip() else "")
                return []
        elif callable(value):
            result = self._calls.by_reader(use.line, value, str(body), **options)
            if type(result) is str:
                return self._apart(result, language)
        else:
            sentence = f"%{use.name} is no mode: it is neither a function nor has it eval"
            raise self._calls.at(use.line, TypeError(sentence))
        return [] if result is None else self._screen.result(result)

    def _unknown(self, name: str) -> str:
        known = ", ".join(f"%{one}" for one in self.names())
        return f"there is no mode %{name} and no function of that name; the modes here are {known}"

    # ---- modes about the session ----

    def _accept(self, body: Code, language: str, _line: str) -> Outputs:
        """Concerns the page, which has seen it; here it only must not be in the way."""
        return self._run(body, language)

    def _set_default(self, body: Code, language: str, line: str) -> Outputs:
        self.set_default(line)
        return self._run(body, language)

    def set_default(self, text: str) -> None:
        """Makes a mode, written as behind ``%``, that of every later cell with none of its own; ``sage`` ends it."""
        text = text.strip().strip("\"'").lstrip("%").strip()
        if text in ("", "sage"):
            self._default = None
            return
        pieces = split(Code("%" + text))
        use = pieces[0] if pieces else None
        if not isinstance(use, Use) or use.text or use.name in ("default_mode", "hide", "auto", "typeset_mode"):
            raise ValueError(f"%default_mode needs the name of a mode, not {text!r}")
        use = self._called(use)
        known = use.name in self._modes or use.name in languages.NAMES
        if not known and use.name.split(".")[0] not in self._interpreter.namespace:
            raise NameError(self._unknown(use.name))
        self._default = use

    def _set_typeset(self, body: Code, language: str, line: str) -> Outputs:
        word = line.strip("\"' ").lower()
        choices = {"": True, "true": True, "on": True, "false": False, "off": False, "display": "display"}
        if word not in choices:
            raise ValueError(f"%typeset_mode takes True, False or display, not {line!r}")
        self._screen.set_typeset(choices[word])
        return self._run(body, language)

    def _set_display(self, body: Code, language: str, line: str) -> Outputs:
        """How values are shown, in the words of Sage's own notebook."""
        kind = (line.split() or ["plain"])[0].strip("\"'").lower()
        if kind not in _DISPLAYS:
            raise ValueError(f"%display takes {', '.join(sorted(_DISPLAYS))}, not {line!r}")
        self._screen.set_typeset(kind in ("latex", "typeset"))
        self._screen.set_text(kind if kind.endswith("_art") else None)
        return self._run(body, language)

    # ---- modes that run code ----

    def _sage(self, body: Code, _language: str) -> Outputs:
        return self._run(body, "sage", as_is=True)

    def _python(self, body: Code, _language: str) -> Outputs:
        return self._run(body, "python", as_is=True)

    def _time(self, body: Code, language: str) -> None:
        with timed() as report:
            outputs = self._run(body, language)
        self._screen.send(outputs)
        print(report[0])

    def _profile(self, body: Code, language: str) -> None:
        with profiled() as report:
            outputs = self._run(body, language)
        self._screen.send(outputs)
        print(report[0])

    def _timeit(self, body: Code, language: str, **options: Any) -> None:
        # What can't be compiled is told with the reader's own lines.
        self._interpreter.prepare(body.padded(), self._calls.name, language)
        namespace = self._interpreter.namespace
        print(self._calls.here(body.line, lambda: best_of(body, namespace, language == "sage", options)))

    def _capture(
        self,
        body: Code,
        language: str,
        stdout: Any = None,
        stderr: Any = None,
        append: bool = False,
        echo: bool = False,
    ) -> Outputs:
        with captured() as texts:
            outputs = self._run(body, language)
        for stream, text, target in ((sys.stdout, texts[0], stdout), (sys.stderr, texts[1], stderr)):
            if callable(target):
                target(text)
            elif isinstance(target, str):
                namespace = self._interpreter.namespace
                before = namespace.get(target)
                namespace[target] = before + text if append and isinstance(before, str) else text
            elif target is not None:
                raise TypeError("%capture puts text into a variable, named by a string, or passes it to a function")
            if echo:
                stream.write(text)
        return outputs

    # ---- modes that show or keep text ----

    def _file(self, body: Code, _language: str, line: str) -> None:
        path = line.strip("\"' ")
        if not path:
            raise ValueError("%file needs the name of the file that the text below it goes to")
        with open(path, "w", encoding="utf-8") as file:
            file.write(str(body).rstrip("\n") + "\n")

    def _html(self, body: Code, _language: str, hide: Any = None) -> None:
        self._screen.send_bundle(html_forms(str(body)))

    def _md(self, body: Code, _language: str, hide: Any = None) -> None:
        from .modes_markdown import to_html

        text = str(body)
        self._screen.send_bundle({"text/plain": text, "text/markdown": text, "text/html": to_html(text)})

    def _latex(self, body: Code, _language: str, hide: Any = None) -> None:
        self._screen.send_bundle(tex_forms(str(body)))

    def _javascript(self, body: Code, _language: str, once: Any = None) -> None:
        self._screen.send_bundle({"text/plain": str(body), "application/javascript": str(body)})
