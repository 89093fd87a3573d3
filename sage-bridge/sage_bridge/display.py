# SPDX-License-Identifier: GPL-2.0-or-later
"""Values as bundles of MIME types, and Sage's own display machinery pointed at them."""

from __future__ import annotations

import base64
import io
import re
import sys
from typing import Any

from sage.misc.latex import latex
from sage.repl.rich_output import get_display_manager
from sage.repl.rich_output import output_catalog as catalog
from sage.repl.rich_output.backend_base import BackendBase
from sage.repl.rich_output.preferences import DisplayPreferences
from sage.structure.sage_object import SageObject

from .channel import Channel
from .limits import MAX_OUTPUT_MESSAGE_BYTES
from .wire import clean

#: An svg longer than this is slow to draw in a page; the png of the same plot is some 30 kB.
MAX_SVG_LENGTH = 500_000
#: Longest text of one displayed value, characters.
MAX_TEXT = 1_000_000

Bundle = dict

_SCRIPT = re.compile(r'<script type="math/tex(; *mode=display)?">(.*?)</script>', re.DOTALL)
_BOLD = r"\newcommand{\Bold}[1]{\mathbf{#1}}"


def _tex(value: Any) -> str:
    """Typeset form of any object, with the one macro of Sage's that a page does not know written out."""
    return str(latex(value)).replace(_BOLD, "").replace(r"\Bold{", r"\mathbf{")


def _tex_argument(value: Any) -> str:
    if not isinstance(value, str):
        return _tex(value)
    escaped = re.sub(r"([\\{}$&#%_^~])", lambda found: _ESCAPES.get(found[0], "\\" + found[0]), value)
    return r"\text{" + escaped + "}"


_ESCAPES = {"\\": r"\backslash ", "^": r"\wedge ", "~": r"\sim "}


def _math(tex: str) -> str:
    return rf"$\displaystyle {tex.strip()}$"


def _html(text: str) -> str:
    """Sage's HTML as a fragment; the math in it between backslashed parentheses, as newer Sages write it."""
    text = text.strip()
    if text.startswith("<html>") and text.endswith("</html>"):
        text = text[6:-7]
    text = text.replace(_BOLD, "").replace(r"\Bold{", r"\mathbf{")
    return _SCRIPT.sub(lambda found: rf"\[{found[2]}\]" if found[1] else rf"\({found[2]}\)", text)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _fitting(text: str) -> str:
    text = clean(text.replace("\0", "\ufffd"))
    return text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + "…"


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
        if isinstance(obj, str) or hasattr(obj, "_html_"):
            return super().latex_formatter(obj, **options)
        parts = map(_tex_argument, obj) if options.get("concatenate") else [_tex(obj)]
        tex = r"\ ".join(parts)
        output = catalog.OutputHtml(rf"<html>\({tex}\)</html>")
        output.page_latex = tex
        return output

    def set_underscore_variable(self, obj: Any) -> None:
        """The interpreter sets it, in the reader's namespace."""


def _of_container(rich: Any) -> Bundle:
    if isinstance(rich, catalog.OutputAsciiArt):
        return {"text/plain": rich.ascii_art.get_str()}
    if isinstance(rich, catalog.OutputUnicodeArt):
        return {"text/plain": rich.unicode_art.get_str()}
    if isinstance(rich, catalog.OutputLatex):
        return {"text/latex": _math(rich.latex.get_str().strip("$").replace(r"\displaystyle", ""))}
    if isinstance(rich, catalog.OutputHtml):
        tex = getattr(rich, "page_latex", None)
        return {"text/latex": _math(tex)} if tex is not None else {"text/html": _html(rich.html.get_str())}
    if isinstance(rich, catalog.OutputImageSvg):
        return {"image/svg+xml": rich.svg.get().decode("utf-8", "replace")}
    if isinstance(rich, catalog.OutputImagePng):
        return {"image/png": _base64(rich.png.get())}
    if isinstance(rich, catalog.OutputImageJpg):
        return {"image/jpeg": _base64(rich.jpg.get())}
    if isinstance(rich, catalog.OutputImageGif):
        return {"image/gif": _base64(rich.gif.get())}
    return {}


def _has_tex(value: Any) -> bool:
    if isinstance(value, (bool, str, bytes, type)):
        return False
    return isinstance(value, (int, float, complex, list, tuple, set, dict)) or hasattr(value, "_latex_")


def _figure(value: Any) -> Bundle | None:
    """A matplotlib figure as svg or, when that is long, as png; None when it is no figure."""
    module = sys.modules.get("matplotlib.figure")
    if module is None or not isinstance(value, module.Figure):
        return None
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    if value.canvas is None:
        FigureCanvasAgg(value)
    data = io.BytesIO()
    value.savefig(data, format="svg", bbox_inches="tight")
    if data.tell() <= MAX_SVG_LENGTH:
        return {"text/plain": repr(value), "image/svg+xml": data.getvalue().decode("utf-8", "replace")}
    data = io.BytesIO()
    value.savefig(data, format="png", bbox_inches="tight")
    return {"text/plain": repr(value), "image/png": _base64(data.getvalue())}


_FOREIGN = (
    ("_repr_html_", "text/html"),
    ("_repr_svg_", "image/svg+xml"),
    ("_repr_png_", "image/png"),
    ("_repr_latex_", "text/latex"),
)


def _foreign(value: Any) -> Bundle:
    """The rich forms of an object that follows Jupyter's conventions rather than Sage's."""
    bundle = {}
    for method, kind in _FOREIGN:
        make = getattr(type(value), method, None)
        if make is not None:
            form = make(value)
            if isinstance(form, bytes):
                form = _base64(form)
            if isinstance(form, str):
                bundle[kind] = form
    return bundle


def _is_scene(value: Any) -> bool:
    module = sys.modules.get("sage.plot.plot3d.base")
    return module is not None and isinstance(value, module.Graphics3d)


class Screen:
    """Where values of the reader's code are shown."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._typeset = False
        self._manager = get_display_manager()

    def install(self) -> None:
        """Points Sage's display manager, and with it ``show`` and the display hook, at this screen."""
        self._manager.switch_backend(PageBackend())
        self._manager.display_immediately = self.show
        self._manager.displayhook = self._hook
        sys.displayhook = self._hook

    def _hook(self, value: Any) -> None:
        if value is not None:
            self.show(value)

    def begin(self, typeset: bool) -> None:
        """A new execution; ``typeset`` adds TeX to values that are shown as text."""
        self._typeset = typeset

    def show(self, value: Any, **options: Any) -> None:
        """Sends a value at once, after all text written before it."""
        if not self._channel.is_ours:
            print(value)
            return
        output = self._output(self.bundle(value, options), result=False)
        self._channel.exchange({"type": "output", "output": output})

    def send_bundle(self, bundle: Bundle) -> None:
        """Sends a finished bundle at once, after all text written before it."""
        self._channel.exchange({"type": "output", "output": self._output(bundle, result=False)})

    def result(self, value: Any) -> list[dict[str, Any]]:
        """The outputs that show the value of the last expression."""
        return [self._output(self.bundle(value, {}), result=True)]

    def forms(self, value: Any) -> Bundle:
        """The bundle of a value, fit for the wire, without showing it."""
        return self._output(self.bundle(value, {}), result=False)["data"]

    @staticmethod
    def _output(bundle: Bundle, result: bool) -> dict[str, Any]:
        data = {kind: text if kind.startswith("image/") else _fitting(text) for kind, text in bundle.items() if text}
        data.setdefault("text/plain", "")
        if sum(map(len, data.values())) > MAX_OUTPUT_MESSAGE_BYTES // 2:
            data = {"text/plain": data["text/plain"][:MAX_TEXT] + "\n(too large to be shown)"}
        return {"kind": "display", "data": data, "result": result}

    def _formatted(self, value: Any, options: dict[str, Any]) -> tuple[Bundle, str]:
        plain, rich = self._manager._rich_output_formatter(value, options)
        return _of_container(rich), plain.text.get_str()

    def bundle(self, value: Any, options: dict[str, Any]) -> Bundle:
        """The forms of a value; ``options`` are what the reader passed to ``show``."""
        figure = _figure(value)
        if figure is not None:
            return figure
        forms, plain = self._formatted(value, options)
        if len(forms.get("image/svg+xml", "")) > MAX_SVG_LENGTH:
            preferences = self._manager.preferences
            preferences.graphics = "raster"
            try:
                forms, plain = self._formatted(value, options)
            finally:
                preferences.graphics = "vector"
        if not forms and not isinstance(value, SageObject):
            forms = _foreign(value)
        if not forms and _is_scene(value):
            plain += "\n(this 3-D plot could not be drawn: Sage's ray tracer is missing or failed)"
        if self._typeset and not forms and _has_tex(value):
            forms = {"text/latex": _math(_tex(value))}
        return {"text/plain": plain, **forms}


def install_figures(screen: Screen) -> None:
    """Makes ``matplotlib.pyplot.show`` send the open figures and close them."""
    from matplotlib import pyplot

    def show(*_arguments: Any, **_options: Any) -> None:
        for number in pyplot.get_fignums():
            bundle = _figure(pyplot.figure(number))
            if bundle is not None:
                screen.send_bundle(bundle)
        pyplot.close("all")

    pyplot.show = show
