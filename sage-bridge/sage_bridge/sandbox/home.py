# SPDX-License-Identifier: GPL-2.0-or-later
"""What loaded modules remember of the user's directory, and how a worker points it to its own.

Sage reads the directory once, at import, and many of its modules and interfaces keep a path made of it.
"""

from __future__ import annotations

import os
import sys
import tempfile
import types
from typing import Any

#: (where it is kept, under which name, path below the old directory); filled in the zygote, None before.
_mentions: list[tuple[dict, str, str]] | None = None
#: The directory that ``move_ahead`` moved to.
_ahead: str | None = None


def find_mentions() -> int:
    """Notes every path below the present ``HOME`` in Sage's modules and interfaces; how many there are.

    For the zygote, after it has warmed: it takes some 50 ms, and what it finds is in every fork.
    """
    global _mentions
    old = os.environ.get("HOME", "")
    _mentions = []
    if len(old) < 2:
        return 0
    seen: set[int] = set()
    for name, module in list(sys.modules.items()):
        if not name.startswith("sage.") or not isinstance(module, types.ModuleType):
            continue
        space = vars(module)
        _collect(space, old, _mentions)
        if name.startswith("sage.interfaces."):
            for value in list(space.values()):
                # Only the type may be asked: a lazy import would be carried out by anything else.
                if not type(value).__module__.startswith("sage.interfaces."):
                    continue
                kept = getattr(value, "__dict__", None)
                if isinstance(kept, dict) and id(kept) not in seen:
                    seen.add(id(kept))
                    _collect(kept, old, _mentions)
    return len(_mentions)


def _collect(space: dict[str, Any], old: str, found: list[tuple[dict, str, str]]) -> None:
    for name, value in list(space.items()):
        if type(value) is str and (value == old or value.startswith(old + "/")):
            found.append((space, name, value[len(old) :]))


def move_ahead(directory: str) -> None:
    """In the zygote: ``rehome`` to where every worker will be, so that there is nothing left to do for them.

    For workers with mounts of their own, where one path leads each to a directory of its own.
    """
    global _ahead
    rehome(directory, modules=False)
    _ahead = directory


def rehome(directory: str, modules: bool = True) -> None:
    """Makes ``directory`` the user's and the one for temporary files, in the environment and in loaded modules.

    ``modules``: also change what ``find_mentions`` noted and what ``sage.env`` says; needed where the old directory is
    out of reach. What was not noted keeps the old path. Modules that are not loaded will read the environment.
    """
    dot_sage = os.path.join(directory, ".sage")
    try:
        os.mkdir(dot_sage, 0o700)
    except OSError:
        pass
    if directory == _ahead and not modules:
        return
    # One by one: ``update`` asks what kind of mapping it is given, and that touches half a megabyte.
    for name, value in (("HOME", directory), ("TMPDIR", directory), ("PWD", directory), ("DOT_SAGE", dot_sage)):
        os.environ[name] = value
    for name in ("MPLCONFIGDIR", "IPYTHONDIR"):
        if name in os.environ:
            os.environ[name] = os.path.join(directory, os.path.basename(os.environ[name]))
    tempfile.tempdir = directory
    if modules:
        for space, name, rest in _mentions or ():
            space[name] = directory + rest
        environment = sys.modules.get("sage.env")
        if environment is not None:
            for name, value in (("HOME", directory), ("DOT_SAGE", dot_sage)):
                if hasattr(environment, name):
                    setattr(environment, name, value)
                getattr(environment, "SAGE_ENV", {})[name] = value
    base = getattr(sys.modules.get("sage.misc.temporary_file"), "TMP_DIR_FILENAME_BASE", None)
    if base is not None:
        base.name = directory
    misc = sys.modules.get("sage.misc.misc")
    if "SAGE_TMP" in getattr(misc, "__dict__", {}):
        misc.SAGE_TMP = directory
