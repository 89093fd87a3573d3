# SPDX-License-Identifier: GPL-2.0-or-later
"""The inside of one paragraph of Markdown: emphasis, code, links, images and formulas."""

from __future__ import annotations

import re
from html import escape

_INLINE = re.compile(
    r"(?P<escape>\\[\\`*_{}\[\]()#+\-.!|<>~$](?<!\\\()(?<!\\\[))"
    r"|(?P<code>(?P<ticks>`+)(?P<source>.+?)(?<!`)(?P=ticks)(?!`))"
    r"|(?P<display>\$\$.+?\$\$|\\\[.+?\\\])"
    r"|(?P<math>\\\(.+?\\\)|\$(?=[^\s$])(?:[^$\\\n]|\\.|\n(?!\n))*?(?<=[^\s\\])\$(?!\d))"
    r"|(?P<image>!\[(?P<alt>[^\]]*)\]\((?P<src>[^()\s]*(?:\([^()\s]*\)[^()\s]*)*)(?:\s+\"(?P<caption>[^\"]*)\")?\))"
    r"|(?P<link>\[(?P<label>(?:[^\[\]]|\[[^\[\]]*\])*)\]"
    r"\((?P<href>[^()\s]*(?:\([^()\s]*\)[^()\s]*)*)(?:\s+\"(?P<title>[^\"]*)\")?\))"
    r"|(?P<auto><(?P<address>(?:https?|mailto):[^\s<>]+)>)"
    r"|(?P<tag></?[A-Za-z][^<>]*>|<!--.*?-->)"
    r"|(?P<break>(?: {2,}|\\)\n)",
    re.DOTALL,
)
_EMPHASIS = (
    (re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*", re.DOTALL), r"<strong>\1</strong>"),
    (re.compile(r"(?<!\w)__(?=\S)(.+?)(?<=\S)__(?!\w)", re.DOTALL), r"<strong>\1</strong>"),
    (re.compile(r"\*(?=\S)([^*]+?)(?<=\S)\*", re.DOTALL), r"<em>\1</em>"),
    (re.compile(r"(?<!\w)_(?=\S)([^_]+?)(?<=\S)_(?!\w)", re.DOTALL), r"<em>\1</em>"),
    (re.compile(r"~~(?=\S)(.+?)(?<=\S)~~", re.DOTALL), r"<del>\1</del>"),
)
_ENTITY = re.compile(r"&(?!#?\w{1,31};)")
_DANGEROUS = re.compile(r"^[\s\x00-\x20]*(?:javascript|vbscript|data(?!:image/))\s*:", re.IGNORECASE)


def _address(text: str) -> str:
    return "#" if _DANGEROUS.match(text) else escape(text, quote=True)


def inline(text: str) -> str:
    """One paragraph's text; formulas between ``$`` come out between backslashed parentheses."""
    kept: list[str] = []

    def keep(markup: str) -> str:
        kept.append(markup)
        return f"\x00{len(kept) - 1}\x01"

    def replace(found: re.Match[str]) -> str:
        kind = found.lastgroup if found.lastgroup in _MAKERS else _kind(found)
        return keep(_MAKERS[kind](found))

    text = _INLINE.sub(replace, text.replace("\0", "\ufffd").replace("\1", "\ufffd"))
    text = _ENTITY.sub("&amp;", text).replace("<", "&lt;").replace(">", "&gt;")
    for pattern, markup in _EMPHASIS:
        text = pattern.sub(markup, text)
    return re.sub(r"\x00(\d+)\x01", lambda found: kept[int(found[1])], text)


def _kind(found: re.Match[str]) -> str:
    return next(kind for kind in _MAKERS if found[kind] is not None)


def _math(source: str) -> str:
    if source.startswith("$"):
        source = rf"\({source[1:-1]}\)"
    return escape(source, quote=False)


def _title(text: str | None) -> str:
    return f' title="{escape(text)}"' if text else ""


_MAKERS = {
    "escape": lambda found: escape(found[0][1]),
    "code": lambda found: f"<code>{escape(found['source'].strip() or found['source'], quote=False)}</code>",
    "display": lambda found: escape(found[0], quote=False),
    "math": lambda found: _math(found[0]),
    "image": lambda found: (
        f'<img src="{_address(found["src"])}" alt="{escape(found["alt"])}"{_title(found["caption"])}>'
    ),
    "link": lambda found: f'<a href="{_address(found["href"])}"{_title(found["title"])}>{inline(found["label"])}</a>',
    "auto": lambda found: f'<a href="{_address(found["address"])}">{escape(found["address"])}</a>',
    "tag": lambda found: found[0],
    "break": lambda _: "<br>\n",
}
