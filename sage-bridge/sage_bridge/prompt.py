# SPDX-License-Identifier: GPL-2.0-or-later
"""``input()`` and ``getpass()``: questions to whoever reads the page."""

from __future__ import annotations

import builtins
import getpass
from typing import Any

from .channel import Channel
from .limits import MAX_STREAM_LENGTH
from .wire import clean


def install(channel: Channel) -> None:
    """Has the reader asked where a terminal would be read. Without an answer the caller gets EOFError."""

    def ask(prompt: Any, is_secret: bool) -> str:
        text = clean(str(prompt).replace("\0", "\ufffd"))[: MAX_STREAM_LENGTH // 2]
        answer = channel.ask({"kind": "prompt", "text": text, "isSecret": is_secret})
        if answer is None:
            raise EOFError("there is no answer")
        return answer

    def ask_openly(prompt: Any = "", /) -> str:
        """Asks the reader for a line and returns it."""
        return ask(prompt, False)

    def ask_secretly(prompt: Any = "Password: ", stream: Any = None) -> str:
        """Asks the reader for a line that is not shown while it is typed, and returns it."""
        return ask(prompt, True)

    builtins.input = ask_openly
    getpass.getpass = ask_secretly
