# SPDX-License-Identifier: GPL-2.0-or-later
"""TeX and HTML of values and of texts, in the form that a page can typeset."""

from __future__ import annotations

import re
from typing import Any

from sage.misc.html import html
from sage.misc.latex import latex

from .modes_markdown import to_html

Bundle = dict

_SCRIPT = re.compile(r'<script type="math/tex(; *mode=display)?">(.*?)</script>', re.DOTALL)
_BOLD = r"\newcommand{\Bold}[1]{\mathbf{#1}}"


def tex_of(value: Any) -> str:
    """Typeset form of any object, with the one macro of Sage's that a page does not know written out."""
    return str(latex(value)).replace(_BOLD, "").replace(r"\Bold{", r"\mathbf{")


def argument_tex(value: Any) -> str:
    """TeX of one of several values that are shown in one line; text stays text."""
    if not isinstance(value, str):
        return tex_of(value)
    escaped = re.sub(r"([\\{}$&#%_^~])", lambda found: _ESCAPES.get(found[0], "\\" + found[0]), value)
    return r"\text{" + escaped + "}"


#: A formula within text, and what shows that there is text besides.
_FORMULA = re.compile(r"\$\$.+?\$\$|\$[^$]+\$|\\\(.+?\\\)|\\\[.+?\\\]", re.DOTALL)
_MIXED = re.compile(r"[^\W_]")
_DELIMITERS = re.compile(r"\A(?:\$\$?|\\\(|\\\[)|(?:\$\$?|\\\)|\\\])\Z")

_ESCAPES = {"\\": r"\backslash ", "^": r"\wedge ", "~": r"\sim "}


def inline_math(tex: str) -> str:
    """A formula as the bundle has it: within a line, at full size."""
    return rf"$\displaystyle {tex.strip()}$"


def fragment(text: str) -> str:
    """Sage's HTML as a fragment; the math in it between backslashed parentheses, as newer Sages write it."""
    text = text.strip()
    if text.startswith("<html>") and text.endswith("</html>"):
        text = text[6:-7]
    text = text.replace(_BOLD, "").replace(r"\Bold{", r"\mathbf{")
    return _SCRIPT.sub(lambda found: rf"\[{found[2]}\]" if found[1] else rf"\({found[2]}\)", text)


def typeset_forms(value: Any, display: bool) -> Bundle:
    """The bundle of a value, or of LaTeX given as a string."""
    tex = value if isinstance(value, str) else tex_of(value)
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
