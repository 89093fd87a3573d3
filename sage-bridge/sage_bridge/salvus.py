# SPDX-License-Identifier: GPL-2.0-or-later
"""The ``salvus`` object of the reader's code, and the names that are there besides Sage's own."""

from __future__ import annotations

import functools
import json
import sys
from html import escape
from typing import Any

from . import files, jupyter, media
from .display import Screen
from .display_tex import html_forms, typeset_forms
from .files import Folder
from .modes import Modes
from .modes_markdown import to_html
from .names import offer


class Salvus:
    """What code can do to the output of its cell, beyond printing.

    Every method but ``raw_input`` returns the object itself, so that calls can be chained::

        salvus.html("<h3>Result</h3>").tex(x^2/3).stdout("done")

    ``salvus.interact`` makes controls for the arguments of a function: ``interact?`` tells more.
    """

    #: As the last value of a cell it is not shown.
    _is_silent_ = True

    def __init__(self, screen: Screen, folder: Folder, modes: Modes) -> None:
        self._screen = screen
        self._folder = folder
        self._modes = modes
        self._interact = modes.namespace.get("interact")

    def __repr__(self) -> str:
        return "salvus: output of this cell; salvus.<method>? tells about each method"

    def __getattr__(self, name: str) -> Any:
        """For code written for other systems: what it asks for and is not here."""
        if name.startswith("_"):
            raise AttributeError(name)
        known = ", ".join(one for one in dir(type(self)) if not one.startswith("_"))
        raise AttributeError(f"salvus has no {name} here; it has {known}")

    # ---- text ----

    def stdout(self, text: Any, done: bool = False, once: Any = None) -> Salvus:
        """Writes to standard output, without a newline of its own; what is no string is converted."""
        sys.stdout.write(text if isinstance(text, str) else str(text))
        return self

    def stderr(self, text: Any, done: bool = False, once: Any = None) -> Salvus:
        """Writes to standard error, without a newline of its own; what is no string is converted."""
        sys.stderr.write(text if isinstance(text, str) else str(text))
        return self

    def html(self, text: Any, done: bool = False, once: Any = None) -> Salvus:
        """Shows HTML; the page takes out of it what could do harm. Formulas stand between dollar signs."""
        self._screen.send_bundle(html_forms(str(text)))
        return self

    def md(self, text: Any, done: bool = False, once: Any = None) -> Salvus:
        """Shows Markdown, with formulas between dollar signs."""
        self._screen.send_bundle(Markdown(str(text)).forms())
        return self

    def tex(self, value: Any, display: bool = False, done: bool = False, once: Any = None, **options: Any) -> Salvus:
        """Typesets LaTeX given as a string, or any object; ``display`` puts it on a line of its own."""
        self._screen.send_bundle(typeset_forms(value, display))
        return self

    def code(self, source: Any, mode: str = "python", filename: str | None = None, lineno: int = -1) -> Salvus:
        """Shows source code as it is."""
        text = str(source)
        heading = f"<div>{escape(filename)}</div>" if filename else ""
        markup = f'{heading}<pre><code class="language-{escape(mode)}">{escape(text, quote=False)}</code></pre>'
        self._screen.send_bundle({"text/plain": text, "text/html": markup})
        return self

    # ---- objects ----

    def show(self, *values: Any, **options: Any) -> Salvus:
        """Shows objects as ``show`` does."""
        for value in values:
            self._screen.show(value, **options)
        return self

    def obj(self, value: Any) -> Salvus:
        """Hands data to the page: lists, dictionaries, strings and numbers, as JSON."""
        text = json.dumps(value, default=_plain, allow_nan=False)
        self._screen.send_bundle({"text/plain": text, "application/json": text})
        return self

    def javascript(self, code: str, once: bool = False, obj: Any = None) -> Salvus:
        """Hands a script to the page, which runs it only where it can reach nothing else, if at all."""
        if obj is not None:
            code = f"(function (obj) {{\n{code}\n}})({json.dumps(obj, default=_plain, allow_nan=False)});"
        self._screen.send_bundle({"text/plain": code, "application/javascript": code})
        return self

    def execute_javascript(self, code: str, obj: Any = None, **options: Any) -> Salvus:
        """As ``javascript``; further options, accepted for code written for other systems, are ignored."""
        return self.javascript(code, once=True, obj=obj)

    def threed(self, graphic: Any, **options: Any) -> Salvus:
        """Shows a picture in space as ``show`` does; options on how to look at it are accepted and ignored."""
        self._screen.show(graphic)
        return self

    # ---- the reader ----

    def raw_input(self, prompt: str = "", default: str = "", placeholder: str = "", **options: Any) -> Any:
        """Asks the reader for a line and returns it, not the object.

        Args:
            prompt: what is asked.
            default: returned for an empty line.
            placeholder: an example, put behind the prompt.
            options: ``type``, a function that makes a value of the text; others, accepted for code written for other
                systems, are ignored.

        Raises:
            EOFError: nobody answers.
        """
        text = input(f"{prompt} ({placeholder})" if placeholder else prompt) or default
        make = options.get("type")
        return make(text) if callable(make) else text

    # ---- files ----

    def file(self, filename: str, show: bool = True, download: bool = False, **options: Any) -> Salvus:
        """Shows an image of the session's directory in place, and offers any other file for download.

        Args:
            filename: its path, within the session's directory.
            show: False offers images for download too.
            download: the same as ``show=False``.
            options: accepted for code written for other systems, and ignored.

        Raises:
            OSError: there is no such file, it is no regular file, or it is outside the directory.
            ValueError: it is too long to be sent.
        """
        name, data, size = self._folder.read(filename, files.MAX_IMAGE_BYTES)
        forms = files.media_forms(name, data) if data is not None and show and not download else None
        if forms is not None:
            self._screen.send_bundle(forms)
        else:
            self._send_file(name, data, size)
        self._folder.shown(filename)
        return self

    def pdf(self, filename: str, width: Any = 1000, height: Any = 600) -> Salvus:
        """Shows a PDF file of the session's directory, where the page can, and offers it for download."""
        name, data, size = self._folder.read(filename, files.MAX_IMAGE_BYTES)
        if data is not None and not data.startswith(b"%PDF"):
            raise ValueError(f"{name} is no PDF file")
        self._send_file(name, data, size, "application/pdf")
        self._folder.shown(filename)
        return self

    def _send_file(self, name: str, data: bytes | None, size: int, kind: str | None = None) -> None:
        if data is None:
            most = files.readable_size(files.MAX_IMAGE_BYTES)
            raise ValueError(f"{name} has {files.readable_size(size)}; files up to {most} can be sent")
        output = files.file_output(name, data, size)
        if kind is not None:
            output["type"] = kind
        self._screen.send([output])

    def sound(self, samples: Any, rate: int = 44_100) -> Salvus:
        """Offers a sound to be played: samples between -1 and 1, so many a second; or a list of channels."""
        self._screen.send_bundle(media.sound_forms(samples, rate))
        return self

    # ---- the cell and the session ----

    def clear(self) -> Salvus:
        """Removes everything that this run has put out so far."""
        self._screen.clear()
        return self

    def delete_last_output(self) -> Salvus:
        """Removes what this run has put out last: one thing that was shown, or text back to the thing before it."""
        self._screen.retract()
        return self

    def default_mode(self, mode: str) -> Salvus:
        """Makes a mode that of every later cell with none of its own; ``"sage"`` ends it."""
        self._modes.set_default(mode)
        return self

    def typeset_mode(self, on: Any = True, display: bool = False) -> Salvus:
        """Whether values are typeset, from here on in this session."""
        self._screen.set_typeset("display" if on and display else bool(on))
        return self

    @property
    def interact(self) -> Any:
        """Makes controls for the arguments of a function; ``interact?`` tells more."""
        return self._interact

    @property
    def namespace(self) -> dict[str, Any]:
        """The variables of the session, by their names."""
        return self._modes.namespace

    def require(self, filename: str) -> Salvus:
        """Runs a file of the session's directory, as Sage's ``load`` does: ``.sage``, ``.py``, ``.sobj`` and others."""
        from sage.repl.load import load

        load(filename, self.namespace)
        return self

    def execute(self, code: str, preparse: bool = True) -> Salvus:
        """Runs code, which may use modes, and shows its last value."""
        self._modes.nested(code, "sage" if preparse else "python")
        return self


def _plain(value: Any) -> Any:
    """Sage's numbers as JSON has them; anything else as text."""
    if isinstance(value, (set, frozenset, range)) or hasattr(value, "tolist"):
        return value.tolist() if hasattr(value, "tolist") else list(value)
    try:
        number = int(value)
        return number if number == value else float(value)
    except Exception:
        try:
            return float(value)
        except Exception:
            return str(value)


class Markdown:
    """A text in Markdown; shown as such when it is a value."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text

    def forms(self) -> dict[str, str]:
        """The bundle: source, and HTML."""
        return {"text/plain": self.text, "text/markdown": self.text, "text/html": to_html(self.text)}

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return self.forms()


def md(text: Any, hide: Any = None) -> Markdown:
    """Markdown as a value: displayed when it is the last one of a cell, or by ``show``."""
    return Markdown(str(text))


def _stands_alone(value: Any) -> bool:
    """Whether Sage would write a value as text into one line with others, although it is a picture or the like."""
    return (
        isinstance(value, Markdown)
        or media.figure_of(value) is not None
        or media.is_moving(value)
        or any(hasattr(type(value), name) for name in ("_repr_mimebundle_", "_repr_html_", "_repr_png_", "_repr_svg_"))
        or (hasattr(value, "_rich_repr_") and any(base.__name__ in _GRAPHICS for base in type(value).__mro__))
    )


_GRAPHICS = frozenset({"Graphics", "Graphics3d", "MultiGraphics", "GraphicsArray", "GenericGraph"})


def _showing(own: Any, screen: Screen) -> Any:
    """Sage's function, except that pictures among several values, or in a list, are each shown as such."""

    @functools.wraps(own)
    def show(*values: Any, **options: Any) -> None:
        first = values[0] if len(values) == 1 else None
        if isinstance(first, (list, tuple)) and first and all(map(_stands_alone, first)):
            values = tuple(first)
        if len(values) > 1 and any(_stands_alone(value) for value in values):
            for value in values:
                show(value, **options)
        elif len(values) == 1 and _stands_alone(values[0]):
            screen.show(values[0], **options)
        else:
            own(*values, **options)

    return show


def install(namespace: dict[str, Any], screen: Screen, folder: Folder, modes: Modes) -> Salvus:
    """Puts ``salvus`` and ``md`` into the reader's namespace and widens ``show`` and ``pretty_print``."""
    salvus = Salvus(screen, folder, modes)
    names: dict[str, Any] = {"salvus": salvus, "md": md}
    for name in ("show", "pretty_print"):
        if callable(namespace.get(name)):
            names[name] = _showing(namespace[name], screen)
    # Sage's own would start LaTeX and a viewer.
    if "view" in namespace and "show" in names:
        names["view"] = names["show"]
    offer(namespace, names)
    jupyter.install(screen)
    return salvus
