# SPDX-License-Identifier: GPL-2.0-or-later
"""Where one statement of another system's code ends and the next begins."""

from __future__ import annotations


def statements(
    code: str, ends: str, quotes: str, comments: tuple[tuple[str, str], ...], blocks: dict[str, int] | None = None
) -> list[str]:
    """Code cut after each of the characters ``ends`` outside strings, comments, brackets and blocks.

    Args:
        code: of any such language.
        ends: one character each.
        quotes: one character each; a backslash within a string keeps the next character.
        comments: pairs of how a comment begins and ends; they are left out.
        blocks: words that open (1) or close (-1) a block.
    """
    found: list[str] = []
    current: list[str] = []
    depth, index = 0, 0
    while index < len(code):
        letter = code[index]
        comment = next((pair for pair in comments if code.startswith(pair[0], index)), None)
        if comment is not None:
            end = code.find(comment[1], index + len(comment[0]))
            index = len(code) if end < 0 else end + (0 if comment[1] == "\n" else len(comment[1]))
            continue
        if letter in quotes:
            end = index + 1
            while end < len(code) and code[end] != letter:
                end += 2 if code[end] == "\\" else 1
            current.append(code[index : end + 1])
            index = end + 1
            continue
        if letter.isalpha() or letter == "_":
            end = index
            while end < len(code) and (code[end].isalnum() or code[end] in "_@"):
                end += 1
            word = code[index:end]
            depth += (blocks or {}).get(word, 0)
            current.append(word)
            index = end
            continue
        if letter in "([{":
            depth += 1
        elif letter in ")]}":
            depth -= 1
        current.append(letter)
        index += 1
        if letter in ends and depth <= 0:
            while letter == ";" and code.startswith(";", index):
                current.append(";")
                index += 1
            found.append("".join(current).strip())
            current, depth = [], 0
    found.append("".join(current).strip())
    return [one for one in found if one.strip(ends + " \n\t")]
