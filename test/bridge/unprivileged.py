"""Starting a program as a user who may nothing, for whom the interpreter and the checkout are in reach all the same."""

from __future__ import annotations

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
#: A user for each process that tests: the number of processes is limited by user, and suites run side by side.
UNPRIVILEGED = 20_000 + os.getpid() % 40_000


def _closed_above(path: str) -> str | None:
    """The first directory on the way to ``path`` that others than its owner can't pass through."""
    parts = path.split("/")
    ancestors = ["/".join(parts[:n]) for n in range(2, len(parts) + 1)]
    return next((each for each in ancestors if not os.stat(each).st_mode & 0o001), None)


def become_unprivileged() -> None:
    """In a child of root about to start this interpreter: changes the user.

    What lives below a directory of root's alone is shown to the child at its place, in mounts of its own.
    """
    from sage_bridge.sandbox import kernel

    checkout = os.path.realpath(os.path.join(HERE, "..", ".."))
    closed = {path: _closed_above(path) for path in (sys.base_prefix, checkout)}
    if any(closed.values()):
        kernel.unshare(kernel.CLONE_NEWNS)
        kernel.mount("none", "/", "", kernel.MS_REC | kernel.MS_PRIVATE)
        trees = {path: os.open(path, os.O_PATH) for path, above in closed.items() if above is not None}
        for above in {above for above in closed.values() if above is not None}:
            kernel.mount("tmpfs", above, "tmpfs", 0, "mode=755")
        for path, tree in trees.items():
            os.makedirs(path, mode=0o755, exist_ok=True)
            kernel.mount(f"/proc/self/fd/{tree}", path, "", kernel.MS_BIND | kernel.MS_REC)
            os.close(tree)
    os.setgroups([])
    os.setresgid(UNPRIVILEGED, UNPRIVILEGED, UNPRIVILEGED)
    os.setresuid(UNPRIVILEGED, UNPRIVILEGED, UNPRIVILEGED)
