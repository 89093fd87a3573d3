# SPDX-License-Identifier: GPL-2.0-or-later
"""Markdown as HTML: headings, lists, tables, quotes, code, links, emphasis and formulas.

Markup in the text is passed on, since whoever shows HTML has to make it harmless anyway.
"""

from __future__ import annotations

import re
from html import escape

from .modes_markdown_inline import inline

_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})\s*([\w+-]*)[^`]*$")
_HEADING = re.compile(r"^ {0,3}(#{1,6})[ \t]+(.*?)[ \t#]*$")
_RULE = re.compile(r"^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$")
_ITEM = re.compile(r"^( {0,3})([-*+]|(\d{1,9})[.)])([ \t]+|$)(.*)$")
_QUOTE = re.compile(r"^ {0,3}> ?")
_UNDERLINE = re.compile(r"^ {0,3}(=+|-+)[ \t]*$")
_TABLE_RULE = re.compile(r"^ {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")
_BLOCK_TAG = re.compile(
    r"^ {0,3}</?(?:address|article|blockquote|center|details|div|dl|fieldset|figure|footer|form|h[1-6]|header|hr|"
    r"iframe|ol|p|pre|section|style|summary|svg|table|tbody|td|tfoot|th|thead|tr|ul|video|audio)\b|^ {0,3}<!--",
    re.IGNORECASE,
)
_MATH_BLOCK = re.compile(r"^ {0,3}(\$\$|\\\[|\\begin\{)")

#: Nested lists and quotes deeper than this are text, so that no input can exhaust the stack.
_MAX_DEPTH = 20


def _indented(line: str) -> bool:
    return line.startswith(("    ", "\t"))


def _begins_block(line: str) -> bool:
    """Whether a line ends the paragraph before it."""
    item = _ITEM.match(line)
    starts_list = item is not None and bool(item[5]) and item[3] in (None, "1")
    return bool(
        starts_list
        or _FENCE.match(line)
        or _HEADING.match(line)
        or _RULE.match(line)
        or _QUOTE.match(line)
        or _BLOCK_TAG.match(line)
    )


class _Blocks:
    """Goes over the lines of one level and collects its HTML."""

    def __init__(self, lines: list[str], depth: int) -> None:
        self._lines = lines
        self._at = 0
        self._depth = depth
        self.html: list[str] = []

    def run(self) -> str:
        while self._at < len(self._lines):
            if not self._lines[self._at].strip():
                self._at += 1
                continue
            for read in (self._code, self._fence, self._heading, self._rule, self._quote, self._list):
                if read():
                    break
            else:
                if not (self._markup() or self._formula() or self._table()):
                    self._paragraph()
        return "\n".join(self.html)

    def _take(self, fits) -> list[str]:
        start = self._at
        while self._at < len(self._lines) and fits(self._lines[self._at]):
            self._at += 1
        return self._lines[start : self._at]

    def _code(self) -> bool:
        if not _indented(self._lines[self._at]):
            return False
        taken = self._take(lambda line: _indented(line) or not line.strip())
        text = "\n".join(line[1:] if line.startswith("\t") else line[4:] for line in taken).rstrip()
        self.html.append(f"<pre><code>{escape(text, quote=False)}\n</code></pre>")
        return True

    def _fence(self) -> bool:
        found = _FENCE.match(self._lines[self._at])
        if found is None:
            return False
        self._at += 1
        closing = re.compile(rf"^ {{0,3}}{found[1][0]}{{{len(found[1])},}}\s*$")
        text = "\n".join(self._take(lambda line: not closing.match(line)))
        self._at += 1
        name = f' class="language-{found[2]}"' if found[2] else ""
        self.html.append(f"<pre><code{name}>{escape(text, quote=False)}\n</code></pre>")
        return True

    def _heading(self) -> bool:
        found = _HEADING.match(self._lines[self._at])
        if found is None:
            return False
        self._at += 1
        level = len(found[1])
        self.html.append(f"<h{level}>{inline(found[2])}</h{level}>")
        return True

    def _rule(self) -> bool:
        if not _RULE.match(self._lines[self._at]):
            return False
        self._at += 1
        self.html.append("<hr>")
        return True

    def _quote(self) -> bool:
        if not _QUOTE.match(self._lines[self._at]) or self._depth >= _MAX_DEPTH:
            return False
        taken = self._take(lambda line: bool(line.strip()) and (bool(_QUOTE.match(line)) or not _begins_block(line)))
        body = _Blocks([_QUOTE.sub("", line, count=1) for line in taken], self._depth + 1).run()
        self.html.append(f"<blockquote>\n{body}\n</blockquote>")
        return True

    def _list(self) -> bool:
        first = _ITEM.match(self._lines[self._at])
        if first is None or self._depth >= _MAX_DEPTH:
            return False
        kind = first[2][-1]
        items: list[list[str]] = []
        is_loose = False
        while self._at < len(self._lines):
            found = _ITEM.match(self._lines[self._at])
            if found is None or found[2][-1] != kind or _RULE.match(self._lines[self._at]):
                break
            width = found.start(5) if found[5] else found.end(2) + 1
            self._at += 1
            item = [found[5]]
            while self._at < len(self._lines):
                line = self._lines[self._at]
                inner = line[:width].strip() == ""
                if line.strip() and not inner and (_begins_block(line) or not item[-1].strip() or _ITEM.match(line)):
                    break
                item.append(line[width:] if inner else line)
                self._at += 1
            blank = not item[-1].strip() and len(item) > 1
            while len(item) > 1 and not item[-1].strip():
                item.pop()
            after = _ITEM.match(self._lines[self._at]) if self._at < len(self._lines) else None
            follows = after is not None and after[2][-1] == kind
            is_loose = is_loose or (blank and follows) or any(not line.strip() for line in item[1:])
            items.append(item)
        tag = "ul" if first[3] is None else "ol"
        start = f' start="{int(first[3])}"' if first[3] not in (None, "1") else ""
        self.html.append(f"<{tag}{start}>")
        for item in items:
            body = _Blocks(item, self._depth + 1).run()
            if not is_loose:
                body = re.sub(r"\A<p>(.*?)</p>", r"\1", body, count=1, flags=re.DOTALL)
            self.html.append(f"<li>{body}</li>")
        self.html.append(f"</{tag}>")
        return True

    def _markup(self) -> bool:
        if not _BLOCK_TAG.match(self._lines[self._at]):
            return False
        self.html.append("\n".join(self._take(lambda line: bool(line.strip()))))
        return True

    def _formula(self) -> bool:
        found = _MATH_BLOCK.match(self._lines[self._at])
        if found is None:
            return False
        end = {"$$": "$$", "\\[": "\\]"}.get(found[1], "\\end{")
        start = self._at
        first = self._lines[start][found.end() :]
        while self._at < len(self._lines) and end not in (first if self._at == start else self._lines[self._at]):
            self._at += 1
        self._at = min(self._at + 1, len(self._lines))
        text = "\n".join(self._lines[start : self._at]).strip()
        if found[1] == "\\begin{":
            text = f"\\[{text}\\]"
            self.html.append(f"<p>{escape(text, quote=False)}</p>")
        else:
            self.html.append(f"<p>{inline(text)}</p>")
        return True

    def _table(self) -> bool:
        if self._at + 1 >= len(self._lines) or "|" not in self._lines[self._at]:
            return False
        rule = self._lines[self._at + 1]
        head = _cells(self._lines[self._at])
        if not _TABLE_RULE.match(rule) or len(_cells(rule)) != len(head):
            return False
        self._at += 2
        aligned = [_alignment(cell) for cell in _cells(rule)]
        rows = [_cells(line) for line in self._take(lambda line: "|" in line and bool(line.strip()))]
        self.html.append("<table>\n<thead>" + _row("th", head, aligned) + "</thead>\n<tbody>")
        self.html += [_row("td", (row + [""] * len(head))[: len(head)], aligned) for row in rows]
        self.html.append("</tbody>\n</table>")
        return True

    def _paragraph(self) -> None:
        start = self._at
        self._at += 1
        level = 0
        while self._at < len(self._lines) and self._lines[self._at].strip():
            underline = _UNDERLINE.match(self._lines[self._at])
            if underline is not None:
                level = 1 if underline[1][0] == "=" else 2
                break
            if _begins_block(self._lines[self._at]):
                break
            self._at += 1
        text = "\n".join(line.lstrip() for line in self._lines[start : self._at]).rstrip()
        if level:
            self._at += 1
        tag = f"h{level}" if level else "p"
        self.html.append(f"<{tag}>{inline(text)}</{tag}>")


def _cells(line: str) -> list[str]:
    line = re.sub(r"^\||(?<!\\)\|$", "", line.strip())
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)]


def _alignment(cell: str) -> str:
    sides = (cell.startswith(":"), cell.endswith(":"))
    name = {(True, True): "center", (False, True): "right", (True, False): "left"}.get(sides)
    return f' style="text-align: {name}"' if name else ""


def _row(tag: str, cells: list[str], aligned: list[str]) -> str:
    return "<tr>" + "".join(f"<{tag}{how}>{inline(cell)}</{tag}>" for cell, how in zip(cells, aligned)) + "</tr>"


def to_html(text: str) -> str:
    """The HTML of a Markdown text, as a fragment."""
    return _Blocks(text.replace("\r\n", "\n").replace("\r", "\n").expandtabs(4).split("\n"), 0).run()
