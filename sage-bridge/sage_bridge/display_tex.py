# SPDX-License-Identifier: GPL-2.0-or-later
"""TeX and HTML of values and of texts, in the form that a page can typeset."""

from __future__ import annotations

import re
from html import escape
from typing import Any

from sage.misc.html import HtmlFragment, html
from sage.misc.latex import LatexExpr, latex
from sage.misc.latex_macros import sage_latex_macros
from sage.typeset.unicode_art import unicode_art

from .modes_markdown import to_html

Bundle = dict

_SCRIPT = re.compile(r'<script type="math/tex(; *mode=display)?">(.*?)</script>', re.DOTALL)
_BOLD = r"\newcommand{\Bold}[1]{\mathbf{#1}}"
#: Sage's own names for fields and rings, as ``\newcommand{\ZZ}{\Bold{Z}}``.
_MACROS = dict(
    found.groups()
    for found in map(re.compile(r"\\newcommand\{(\\[A-Za-z]+)\}\{(.*)\}").fullmatch, sage_latex_macros())
    if found is not None
)
_MACRO = re.compile("(?:" + "|".join(map(re.escape, _MACROS)) + ")(?![A-Za-z])")
#: What no page typesets: boxes and drawings.
_UNFIT = re.compile(
    r"\\(?:raisebox|multicolumn|cline|includegraphics)(?![A-Za-z])|\\begin\{(?:tikzpicture|tabular|picture)\}"
)
#: Formulas in HTML, and those that stand there ``bare``, without a sign that they are some.
_FORMULA_OR_BARE = re.compile(
    r"\\\[.*?\\\]|\\\(.*?\\\)|\$\$.*?\$\$|<script\b.*?</script>"
    r"|(?P<bare>\\begin\{(?P<name>(?:equation|align|gather|multline)\*?)\}.*?\\end\{(?P=name)\})",
    re.DOTALL,
)


def _portable(tex: str) -> str:
    # Without what only Sage's own pages know.
    tex = tex.replace(_BOLD, "")
    while _MACRO.search(tex) is not None:
        tex = _MACRO.sub(lambda found: _MACROS[found[0]], tex)
    return tex.replace(r"\Bold{", r"\mathbf{")


#: A text as Sage writes it in TeX: in the letters of a typewriter, and what means something to TeX by its code.
_TYPEWRITTEN = re.compile(r"\\text\{\\texttt\{((?:\{\\char`\\.\}|\{[ -]\}|[^{}])*)\}\}")
_BY_CODE = re.compile(r"\{\\char`\\(.)\}|\{([ -])\}")


def _literal(text: str, macro: str = r"\text") -> str:
    # What a page typesets formulas with reads no macros in a text, and takes all but these characters for themselves.
    return macro + "{" + re.sub(r"[\\{}$]", r"\\\g<0>", text).replace("\n", " ") + "}"


def _typewritten(found: re.Match[str]) -> str:
    return _literal(_BY_CODE.sub(lambda one: one[1] or one[2], found[1]), r"\texttt")


def tex_of(value: Any) -> str | None:
    """Typeset form of any object, as a page can read it; None where Sage has only one that no page can."""
    tex = _portable(str(latex(value)))
    if _UNFIT.search(tex) is not None:
        return None
    return _TYPEWRITTEN.sub(_typewritten, tex) if r"\texttt" in tex else tex


def art_of(value: Any) -> str:
    """Text that stands for a value without TeX, drawn where Sage can draw it: partitions, trees; text is itself."""
    if isinstance(value, str):
        return value
    try:
        return str(unicode_art(value))
    except Exception:
        return repr(value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and not isinstance(value, LatexExpr)


def _is_markup(value: Any) -> bool:
    return isinstance(value, HtmlFragment) or hasattr(value, "_html_")


def _html_of(value: Any) -> str:
    if _is_markup(value):
        return fragment(str(value if isinstance(value, HtmlFragment) else value._html_()))
    return escape(value) if _is_text(value) else rf"\({argument_tex(value)}\)"


def line_html(values: Any) -> str | None:
    """HTML of several values that are shown in one line; None when TeX can say them all."""
    return " ".join(map(_html_of, values)) if any(map(_is_markup, values)) else None


def argument_tex(value: Any) -> str:
    """TeX of one of several values that are shown in one line; text stays text."""
    tex = None if _is_text(value) else tex_of(value)
    return _literal(str(value)) if tex is None else tex


#: A formula within text, and what shows that there is text besides.
_FORMULA = re.compile(r"\$\$.+?\$\$|\$[^$]+\$|\\\(.+?\\\)|\\\[.+?\\\]", re.DOTALL)
_MIXED = re.compile(r"[^\W_]")
_DELIMITERS = re.compile(r"\A(?:\$\$?|\\\(|\\\[)|(?:\$\$?|\\\)|\\\])\Z")


def inline_math(tex: str) -> str:
    """A formula as the bundle has it: within a line, at full size."""
    return rf"$\displaystyle {tex.strip()}$"


def fragment(text: str) -> str:
    """Sage's HTML as a fragment; the math in it between backslashed parentheses, as newer Sages write it."""
    text = text.strip()
    if text.startswith("<html>") and text.endswith("</html>"):
        text = text[6:-7]
    text = _FORMULA_OR_BARE.sub(lambda found: rf"\[{found[0]}\]" if found["bare"] else found[0], _portable(text))
    return _SCRIPT.sub(lambda found: rf"\[{found[2]}\]" if found[1] else rf"\({found[2]}\)", text)


def typeset_forms(value: Any, display: bool) -> Bundle:
    """The bundle of a value, or of LaTeX given as a string."""
    tex = value if isinstance(value, str) else tex_of(value)
    if tex is None:
        return {"text/plain": art_of(value)}
    tex = _DELIMITERS.sub("", tex.strip()).strip()
    return {"text/plain": str(value), "text/latex": f"$${tex}$$" if display else inline_math(tex)}


def html_forms(text: str) -> Bundle:
    """The bundle of HTML, with the formulas in it marked as Sage marks them."""
    return {"text/plain": text, "text/html": fragment(str(html(text)))}


def tex_forms(text: str) -> Bundle:
    """The bundle of LaTeX: one formula or environment, or text with formulas in it."""
    text = text.strip()
    if _MIXED.search(_FORMULA.sub("", text)) and _FORMULA.search(text):
        return {"text/plain": text, "text/html": to_html(text)}
    return {"text/plain": text, "text/latex": text}
