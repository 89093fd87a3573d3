# SPDX-License-Identifier: GPL-2.0-or-later
"""Changes to modules that are too large to be imported for everybody: made when the reader's code imports them."""

from __future__ import annotations

import importlib.abc
import importlib.util
import sys
from typing import Any, Callable


class _Awaited(importlib.abc.MetaPathFinder):
    """Waits for one module, if it is ever imported."""

    def __init__(self, name: str, change: Callable[[Any], None]) -> None:
        self._name = name
        self._change = change

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        if name != self._name:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is None or spec.loader is None:
            return spec
        execute = spec.loader.exec_module

        def exec_module(module: Any) -> None:
            execute(module)
            self._change(module)

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


def when_imported(name: str, change: Callable[[Any], None]) -> None:
    """Calls ``change`` with the module of that name right after its first import; now, if it has been imported."""
    loaded = sys.modules.get(name)
    if loaded is not None:
        change(loaded)
    else:
        sys.meta_path.insert(0, _Awaited(name, change))
