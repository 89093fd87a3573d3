# SPDX-License-Identifier: GPL-2.0-or-later
"""Values as bundles of MIME types, and Sage's own display machinery pointed at them."""

from __future__ import annotations

import re
import sys
from typing import Any, Callable

from sage.misc import viewer
from sage.misc.html import HtmlFragment
from sage.repl.rich_output import get_display_manager
from sage.repl.rich_output import output_catalog as catalog
from sage.repl.rich_output.backend_base import BackendBase
from sage.repl.rich_output.preferences import DisplayPreferences
from sage.structure.sage_object import SageObject

from . import media
from .channel import Channel
from .display_tex import argument_tex, art_of, fragment, inline_math, line_html, tex_of
from .limits import MAX_OUTPUT_MESSAGE_BYTES
from .media import MAX_SVG_LENGTH, base64_text
from .wire import clean

#: Longest text of one displayed value, characters.
MAX_TEXT = 1_000_000

Bundle = dict


def _fitting(text: str) -> str:
    text = clean(text.replace("\0", "\ufffd"))
    return text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + "…"


def _no_program() -> str:
    """In the place of Sage's choice of a program that it leaves something to; nobody would see what that shows."""
    raise RuntimeError("this is shown by a program with a window of its own, and no such program can be seen here")


class PageBackend(BackendBase):
    """What Sage asks how to show things: vector graphics first, TeX for ``show``."""

    def _repr_(self) -> str:
        return "page"

    def default_preferences(self) -> DisplayPreferences:
        return DisplayPreferences(graphics="vector")

    def supported_output(self) -> set[type]:
        return {
            catalog.OutputPlainText,
            catalog.OutputAsciiArt,
            catalog.OutputUnicodeArt,
            catalog.OutputLatex,
            catalog.OutputHtml,
            catalog.OutputImagePng,
            catalog.OutputImageSvg,
            catalog.OutputImageJpg,
            catalog.OutputImageGif,
        }

    def latex_formatter(self, obj: Any, **options: Any) -> Any:
        """What ``show`` makes of an object without graphics."""
        if isinstance(obj, HtmlFragment) or hasattr(obj, "_html_"):
            return super().latex_formatter(obj, **options)
        if options.get("concatenate"):
            markup = line_html(obj)
            if markup is not None:
                return catalog.OutputHtml(f"<html>{markup}</html>")
            tex: str | None = r"\ ".join(map(argument_tex, obj))
        else:
            tex = None if type(obj) is str else tex_of(obj)
        output = catalog.OutputHtml(rf"<html>\({tex}\)</html>")
        output.page_forms = {"text/latex": inline_math(tex)} if tex is not None else {"text/plain": art_of(obj)}
        return output

    def set_underscore_variable(self, obj: Any) -> None:
        """The interpreter sets it, in the reader's namespace."""


def _of_container(rich: Any) -> Bundle:
    if isinstance(rich, catalog.OutputAsciiArt):
        return {"text/plain": rich.ascii_art.get_str()}
    if isinstance(rich, catalog.OutputUnicodeArt):
        return {"text/plain": rich.unicode_art.get_str()}
    if isinstance(rich, catalog.OutputLatex):
        return {"text/latex": inline_math(rich.latex.get_str().strip("$").replace(r"\displaystyle", ""))}
    if isinstance(rich, catalog.OutputHtml):
        return getattr(rich, "page_forms", None) or {"text/html": fragment(rich.html.get_str())}
    if isinstance(rich, catalog.OutputImageSvg):
        return {"image/svg+xml": rich.svg.get().decode("utf-8", "replace")}
    if isinstance(rich, catalog.OutputImagePng):
        return {"image/png": base64_text(rich.png.get())}
    if isinstance(rich, catalog.OutputImageJpg):
        return {"image/jpeg": base64_text(rich.jpg.get())}
    if isinstance(rich, catalog.OutputImageGif):
        return {"image/gif": base64_text(rich.gif.get())}
    return {}


def _has_tex(value: Any) -> bool:
    if isinstance(value, (bool, str, bytes, type)):
        return False
    return isinstance(value, (int, float, complex, list, tuple, set, dict)) or hasattr(value, "_latex_")


_FOREIGN = (
    ("_repr_html_", "text/html"),
    ("_repr_markdown_", "text/markdown"),
    ("_repr_svg_", "image/svg+xml"),
    ("_repr_png_", "image/png"),
    ("_repr_jpeg_", "image/jpeg"),
    ("_repr_latex_", "text/latex"),
    ("_repr_javascript_", "application/javascript"),
)
_MIME = re.compile(r"[a-z]+/[a-z0-9.+-]+")


def _is_binary(kind: str) -> bool:
    """Whether a form of that MIME type travels in base64."""
    return kind.startswith(("image/", "audio/", "video/", "application/pdf")) and kind != "image/svg+xml"


def _foreign(value: Any) -> Bundle:
    """The rich forms of an object that follows Jupyter's conventions, as some of newer Sages do: tableaux, paths."""
    found: dict[str, Any] = {}
    # TeX of Sage's own objects is there where the reader wants it.
    unwanted = "text/latex" if isinstance(value, SageObject) else None
    every = getattr(type(value), "_repr_mimebundle_", None)
    if every is not None:
        answer = every(value)
        # It may be a pair with facts about the forms.
        answer = answer[0] if isinstance(answer, tuple) and answer else answer
        if isinstance(answer, dict):
            found.update(answer)
    for method, kind in _FOREIGN:
        make = getattr(type(value), method, None)
        # One picture is enough.
        if (
            make is not None
            and kind != unwanted
            and kind not in found
            and not (kind == "image/jpeg" and "image/png" in found)
        ):
            form = make(value)
            found[kind] = form[0] if isinstance(form, tuple) and form else form
    bundle = {}
    for kind, form in found.items():
        if isinstance(form, bytes):
            form = base64_text(form) if _is_binary(kind) else form.decode("utf-8", "replace")
        if isinstance(form, str) and isinstance(kind, str) and _MIME.fullmatch(kind):
            bundle[kind] = form
    return bundle


def _is_scene(value: Any) -> bool:
    module = sys.modules.get("sage.plot.plot3d.base")
    return module is not None and isinstance(value, module.Graphics3d)


class Screen:
    """Where values of the reader's code are shown.

    Attributes:
        shows_itself: asked of each value first: whether it is more than a value, and is shown now.
    """

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._typeset: bool | str = False
        self._session_typeset: bool | str | None = None
        self._shown: set[int] = set()
        self._figures = media.held_figures()
        self._manager = get_display_manager()
        self.shows_itself: Callable[[Any], bool] = lambda value: False

    def install(self) -> None:
        """Points Sage's display manager, and with it ``show`` and the display hook, at this screen."""
        self._manager.switch_backend(PageBackend())
        self._manager.display_immediately = self.show
        self._manager.displayhook = self._hook
        sys.displayhook = self._hook
        for name in ("browser", "dvi_viewer", "pdf_viewer", "png_viewer"):
            setattr(viewer, name, _no_program)

    def _hook(self, value: Any) -> None:
        if value is not None:
            self.show(value)

    def begin(self, typeset: bool) -> None:
        """A new execution; ``typeset`` adds TeX to values that are shown as text."""
        self._typeset = typeset if self._session_typeset is None else self._session_typeset
        if self._figures:
            media.close_figures()

    def set_typeset(self, typeset: bool | str) -> None:
        """From here on, and in later executions, values are typeset, or not, or ``"display"``: in the middle."""
        self._typeset = self._session_typeset = typeset

    def set_text(self, form: str | None) -> None:
        """From here on text is drawn in that form, ``"ascii_art"`` or ``"unicode_art"``, or plain."""
        self._manager.preferences.text = form or "plain"

    def figures_left(self) -> list[dict[str, Any]]:
        """Outputs for the figures that are open and have not been shown; none is open afterwards."""
        if not self._figures:
            return []
        try:
            return [
                self._output(media.figure_forms(figure, repr(figure)), result=False)
                for figure in media.open_figures()
                if id(figure) not in self._shown
            ]
        finally:
            media.close_figures()
            self._shown.clear()

    def show(self, value: Any, **options: Any) -> None:
        """Sends a value at once, after all text written before it."""
        if not self._channel.is_ours:
            print(value)
            return
        if self.shows_itself(value):
            return
        output = self._output(self.bundle(value, options), result=False)
        self._channel.exchange({"type": "output", "output": output})

    def send_bundle(self, bundle: Bundle) -> None:
        """Sends a finished bundle at once, after all text written before it."""
        self.send([self._output(bundle, result=False)])

    def send(self, outputs: list[dict[str, Any]]) -> None:
        """Sends finished outputs at once, after all text written before them."""
        for output in outputs:
            self._channel.exchange({"type": "output", "output": output})

    def clear(self) -> None:
        """Has everything removed that this execution has put out so far."""
        self._channel.exchange({"type": "output", "output": {"kind": "clear"}})

    def retract(self) -> None:
        """Has the last piece removed that this execution has put out so far."""
        self._channel.exchange({"type": "output", "output": {"kind": "retract"}})

    def result(self, value: Any) -> list[dict[str, Any]]:
        """The outputs that show the value of the last expression."""
        if getattr(type(value), "_is_silent_", False) is True or self.shows_itself(value):
            return []
        return [self._output(self.bundle(value, {}), result=True)]

    def forms(self, value: Any) -> Bundle:
        """The bundle of a value, fit for the wire, without showing it."""
        return self._output(self.bundle(value, {}), result=False)["data"]

    @staticmethod
    def _output(bundle: Bundle, result: bool) -> dict[str, Any]:
        data = {
            kind: text if _is_binary(kind) or kind == "image/svg+xml" else _fitting(text)
            for kind, text in bundle.items()
            if text
        }
        data.setdefault("text/plain", "")
        if sum(map(len, data.values())) > MAX_OUTPUT_MESSAGE_BYTES // 2:
            for kind in sorted(data, key=lambda kind: -len(data[kind])):
                if kind != "text/plain" and sum(map(len, data.values())) > MAX_OUTPUT_MESSAGE_BYTES // 2:
                    del data[kind]
            if len(data) == 1:
                data["text/plain"] += "\n(too large to be shown)"
        return {"kind": "display", "data": data, "result": result}

    def _formatted(self, value: Any, options: dict[str, Any]) -> tuple[Bundle, str]:
        plain, rich = self._manager._rich_output_formatter(value, options)
        return _of_container(rich), plain.text.get_str()

    def bundle(self, value: Any, options: dict[str, Any]) -> Bundle:
        """The forms of a value; ``options`` are what the reader passed to ``show``."""
        if not media.is_plain(value):
            moving = media.moving_forms(value, options)
            if moving is not None:
                self._shown.add(id(getattr(value, "_fig", None)))
                return moving
            figure = media.figure_of(value)
            if figure is not None:
                self._shown.add(id(figure))
                return media.figure_forms(figure, repr(value))
        forms, plain = self._formatted(value, options)
        if len(forms.get("image/svg+xml", "")) > MAX_SVG_LENGTH:
            preferences = self._manager.preferences
            preferences.graphics = "raster"
            try:
                forms, plain = self._formatted(value, options)
            finally:
                preferences.graphics = "vector"
        if not forms and not _is_scene(value):
            forms = _foreign(value)
        elif not forms:
            plain += "\n(this 3-D plot could not be drawn: Sage's ray tracer is missing or failed)"
        if self._typeset and not forms and _has_tex(value):
            tex = tex_of(value)
            if tex is not None:
                forms = {"text/latex": f"$${tex.strip()}$$" if self._typeset == "display" else inline_math(tex)}
        return {"text/plain": plain, **forms}
