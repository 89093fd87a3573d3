# SPDX-License-Identifier: GPL-2.0-or-later
"""What code written for Jupyter calls to show things, made to show them here."""

from __future__ import annotations

import sys
from typing import Any

from .display import Screen
from .imports import when_imported

_MODULE = "IPython.core.display_functions"


class _Viewer:
    """What PIL shows its pictures with."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen

    def show(self, picture: Any, **_options: Any) -> int:
        self._screen.show(picture)
        return 1


def replace(module: Any, screen: Screen) -> None:
    """Has ``display`` and ``clear_output`` of IPython's module reach the page."""

    def display(*values: Any, raw: bool = False, **_options: Any) -> None:
        """Shows objects; with ``raw`` they are dictionaries of their forms."""
        for value in values:
            if raw and isinstance(value, dict):
                screen.send_bundle({str(kind): form for kind, form in value.items() if isinstance(form, str)})
            else:
                screen.show(value)

    def clear_output(wait: bool = False) -> None:
        """Removes everything that this run has put out so far."""
        screen.clear()

    module.display = display
    module.clear_output = clear_output


def install(screen: Screen) -> None:
    """For the process that all sessions are forked from."""
    # Those that have been imported may have taken the functions from it before.
    for name in ("IPython.display", "IPython.core.display"):
        module = sys.modules.get(name)
        if module is not None and hasattr(module, "display"):
            replace(module, screen)
    when_imported(_MODULE, lambda module: replace(module, screen))
    try:
        from PIL import ImageShow
    except ImportError:
        return
    # Its own would start a program.
    ImageShow.register(_Viewer(screen), 0)
