# SPDX-License-Identifier: GPL-2.0-or-later
"""What the interpreter tells about files, network, processes and addresses while a run is watched."""

from __future__ import annotations

import os
import sys
from typing import Any, Callable

from .callers import LIBRARY, NOBODY, READER, passes_through, who
from .findings import findings

#: Software and its data, the same for every run of one installation.
_SYSTEM_ROOTS = ("/usr/", "/lib/", "/lib64/", "/bin/", "/opt/", "/etc/fonts/", "/etc/mime.types", "/dev/null")
_roots: tuple[str, ...] = _SYSTEM_ROOTS


def know_installation(*more: str) -> None:
    """Takes Python's and Sage's own trees, and those given, for the same in every run."""
    global _roots
    trees = {sys.prefix, sys.base_prefix, sys.exec_prefix, *more}
    trees |= {path for path in sys.path if path}
    for name in ("sage", "matplotlib"):
        module = sys.modules.get(name)
        trees |= set(getattr(module, "__path__", ()))
    environment = sys.modules.get("sage.env")
    for name in ("SAGE_ROOT", "SAGE_LOCAL", "SAGE_SHARE", "SAGE_VENV", "DOT_SAGE"):
        tree = getattr(environment, name, None)
        if isinstance(tree, str):
            trees.add(tree)
    for path in getattr(environment, "sage_data_paths", lambda _: ())("."):
        trees.add(path)
    trees |= {os.path.realpath(tree) for tree in trees}
    _roots = (
        *_SYSTEM_ROOTS,
        *sorted(tree.rstrip("/") + "/" for tree in trees if tree.startswith("/") and len(tree) > 1),
    )


def is_known(path: Any) -> bool:
    """Whether a path leads to the installation or into the worker's own directory."""
    try:
        path = os.fsdecode(path)
    except TypeError:
        return False
    if not path.startswith("/"):
        # The working directory is the worker's own: a run that leaves it is not pure.
        return not path.startswith("..") and "/../" not in path and findings.directory != "\0"
    if "/.." in path:
        path = os.path.normpath(path)
    return (path + "/").startswith((*_roots, findings.directory))


def _file(arguments: tuple[Any, ...]) -> None:
    path = arguments[0] if arguments else None
    if not isinstance(path, int) and path is not None and not is_known(path) and who(3) != NOBODY:
        findings.note("file")


def _left(arguments: tuple[Any, ...]) -> None:
    # What relative paths mean from here on would have to be followed.
    if not is_known(arguments[0]):
        findings.note("working directory")


def _network(_arguments: tuple[Any, ...]) -> None:
    findings.note("network")


def _forked(_arguments: tuple[Any, ...]) -> None:
    # Sage's interfaces leave somebody behind who clears up after them.
    if not passes_through("sage/interfaces/cleaner.py", depth=3):
        findings.note("process")


def _program(_arguments: tuple[Any, ...]) -> None:
    # Sage's library calls programs for definite results; one that searches at random is named.
    if who(3) not in (LIBRARY, NOBODY) or passes_through("sage/interfaces/ecm.py", "sage/parallel/", depth=3):
        findings.note("process")


def _library(_arguments: tuple[Any, ...]) -> None:
    if who(3) == READER:
        findings.note("compiled library")


_CHECKS: dict[str, Callable[[tuple[Any, ...]], None]] = {
    "open": _file,
    "sqlite3.connect": _file,
    "os.listdir": _file,
    "os.scandir": _file,
    "os.chdir": _left,
    "subprocess.Popen": _program,
    "os.system": _program,
    "os.posix_spawn": _program,
    "os.forkpty": _program,
    "os.fork": _forked,
    "os.exec": _forked,
    "os.spawn": _forked,
    "pty.spawn": _forked,
    "ctypes.dlopen": _library,
    "ctypes.dlsym": _library,
    "urllib.Request": _network,
}
for _event in (
    "__new__", "connect", "bind", "getaddrinfo", "gethostbyaddr", "gethostbyname", "gethostname", "getnameinfo",
    "getservbyname", "getservbyport", "sendmsg", "sendto", "sethostname",
):  # fmt: skip
    _CHECKS[f"socket.{_event}"] = _network


def install() -> None:
    """Starts to listen; there is no way back. To be called once, in the zygote."""

    def hook(event: str, arguments: tuple[Any, ...], checks: Any = _CHECKS, state: Any = findings) -> None:
        if state.watching:
            check = checks.get(event)
            if check is not None:
                check(arguments)

    sys.addaudithook(hook)
