# SPDX-License-Identifier: GPL-2.0-or-later
"""GAP as it is right after its start, made once for all sessions: loading that takes a tenth of the time of a start.

GAP in the template itself would double the memory of every fork. So a child of the zygote starts it in a pause, writes
its state into a file without a name, and ends; sealed, so that nobody can change it any more, the file's descriptor
goes to every worker forked from then on. A worker without it starts GAP from the beginning, in a second or two.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import signal
import sys
import time
from typing import Any, Iterator

from .sandbox import descriptors, kernel

#: Where workers have the file: out of the way of code that closes or reuses low descriptors.
DESCRIPTOR = 201
#: It is made in the first pause between two forks that is as long as this, seconds,
PAUSE = 3.0
#: or this long after the start, seconds, on a bridge without such a pause.
LATEST = 60.0
#: How often its maker is looked after, seconds.
_LOOK = 0.1
#: Longest time that the maker gets, seconds; then sessions go on without.
_PATIENCE = 120.0
#: Shown for the maker among processes.
NAME = b"gap-workspace"

_SEALS = ("F_SEAL_WRITE", "F_SEAL_GROW", "F_SEAL_SHRINK", "F_SEAL_SEAL")
_PATH = f"/proc/self/fd/{DESCRIPTOR}"
_PR_SET_NAME = 15


def is_possible() -> bool:
    """Whether this machine has sealed files and this Sage has GAP's library."""
    if not hasattr(os, "memfd_create") or not all(hasattr(fcntl, name) for name in ("F_ADD_SEALS", *_SEALS)):
        return False
    try:
        from sage.libs.gap import saved_workspace, util  # noqa: F401
    except ImportError:
        return False
    return True


def install() -> None:
    """Has Sage load the file if this process has it, and write none of its own. Before anybody else watches GAP."""
    try:
        from sage.libs.gap import saved_workspace, util
        from sage.misc import temporary_file
    except ImportError:
        return
    # Sage writes what it finds missing: 50 MB into each session's directory.
    write = temporary_file.atomic_write

    def atomic_write(target: Any, *arguments: Any, **options: Any) -> Any:
        return _named(target) if target in (os.devnull, _PATH) else write(target, *arguments, **options)

    temporary_file.atomic_write = atomic_write
    util.prepare_workspace_dir = lambda *_arguments, **_options: None
    saved_workspace.workspace = _workspace


@contextlib.contextmanager
def _named(path: str) -> Iterator[Any]:
    """What Sage asks for the name of a file to write to."""
    with open(path, "rb") as file:
        yield file


def _workspace(*_arguments: Any, **_options: Any) -> tuple[str, bool]:
    """The file's name, and whether it can be loaded; else it is written to."""
    try:
        if not fcntl.fcntl(DESCRIPTOR, fcntl.F_GET_SEALS) & fcntl.F_SEAL_WRITE:
            return _PATH, False
        # One session's code could take the others' right to open it.
        os.close(os.open(_PATH, os.O_RDONLY | os.O_CLOEXEC))
        return _PATH, True
    except (OSError, AttributeError):
        return os.devnull, False


class Maker:
    """Has the file made by a child. For the zygote, which asks ``attend`` again and again while it waits.

    Attributes:
        is_over: the file is there, or never will be.
        is_ready: it is there, and forks have it.
    """

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._pid = 0
        self._deadline = 0.0
        self.is_ready = False
        self.is_over = not is_possible()

    @property
    def pause(self) -> float:
        """How long to wait for something else before ``attend``, seconds."""
        if self._pid:
            return _LOOK
        return max(0.0, min(PAUSE, self._started + LATEST - time.monotonic()))

    def attend(self) -> None:
        """Starts the child, or looks whether it has ended."""
        if not self._pid:
            self._start()
            return
        pid, status = os.waitpid(self._pid, os.WNOHANG)
        if pid:
            self._finish(status == 0)
        elif time.monotonic() > self._deadline:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
            self._finish(False)

    def _start(self) -> None:
        try:
            descriptor = os.memfd_create("gap", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
            os.dup2(descriptor, DESCRIPTOR, inheritable=False)
            os.close(descriptor)
            self._pid = os.fork()
        except OSError as error:
            print(f"GAP's state is not saved: {error!r}", file=sys.stderr)
            self.is_over = True
            return
        self._deadline = time.monotonic() + _PATIENCE
        if self._pid == 0:
            _make()

    def _finish(self, is_good: bool) -> None:
        self.is_over = True
        if is_good and os.fstat(DESCRIPTOR).st_size:
            seals = 0
            for name in _SEALS:
                seals |= getattr(fcntl, name)
            os.fchmod(DESCRIPTOR, 0o444)
            fcntl.fcntl(DESCRIPTOR, fcntl.F_ADD_SEALS, seals)
            self.is_ready = True
        else:
            print("GAP's state could not be saved; each session starts it anew", file=sys.stderr)
            os.close(DESCRIPTOR)


def _make() -> None:
    """Starts GAP, which writes the file. In the child; never returns."""
    code = 1
    try:
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        descriptors.close_all_but([0, 1, 2, DESCRIPTOR])
        ctypes.CDLL(None).prctl(_PR_SET_NAME, NAME)
        from sage.libs.gap import saved_workspace
        from sage.libs.gap.libgap import libgap

        # What sessions do besides, each is to do by itself.
        saved_workspace.workspace = _workspace
        libgap.eval("1")
        code = 0
    except BaseException as error:
        os.write(2, f"GAP could not be started: {error!r}\n".encode("utf-8", "replace")[:2000])
    finally:
        os._exit(code)
