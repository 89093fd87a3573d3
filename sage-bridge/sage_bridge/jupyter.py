# SPDX-License-Identifier: GPL-2.0-or-later
"""What code written for Jupyter calls to show things, made to show them here."""

from __future__ import annotations

import importlib.abc
import importlib.util
import sys
from typing import Any

from .display import Screen

_MODULE = "IPython.core.display_functions"


class _Patch(importlib.abc.MetaPathFinder):
    """Waits for IPython to be imported, if it ever is, since it is too large to be imported for everybody."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        if name != _MODULE:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is None or spec.loader is None:
            return spec
        execute = spec.loader.exec_module

        def exec_module(module: Any) -> None:
            execute(module)
            replace(module, self._screen)

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


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
    loaded = sys.modules.get(_MODULE)
    if loaded is not None:
        replace(loaded, screen)
        for name in ("IPython.display", "IPython.core.display"):
            module = sys.modules.get(name)
            if module is not None and hasattr(module, "display"):
                replace(module, screen)
    else:
        sys.meta_path.insert(0, _Patch(screen))
    try:
        from PIL import ImageShow
    except ImportError:
        return
    # Its own would start a program.
    ImageShow.register(_Viewer(screen), 0)
