# SPDX-License-Identifier: GPL-2.0-or-later
"""What Python can import, as far as its names and versions go: a result may depend on any of it."""

from __future__ import annotations

import hashlib
import os
from typing import Iterable

#: Times of the folders, nanoseconds; None for one that is not there.
Stamp = tuple


class Installed:
    """The folders that modules are imported from.

    A package that is installed, updated or removed changes the names in one of them: its own, or the one of its facts,
    which has the version. What is changed in place keeps its names and is not seen.
    """

    def __init__(self, path: Iterable[str]) -> None:
        """``path``: as ``sys.path``; what is no folder counts by whether it is there."""
        self._path = [each for each in path if each]
        self._seen = self._reported = self._stamp()

    def _stamp(self) -> Stamp:
        return tuple(map(self._time, self._path))

    @staticmethod
    def _time(path: str) -> int | None:
        try:
            return os.stat(path).st_mtime_ns
        except OSError:
            return None

    def digest(self) -> bytes:
        """The same wherever the same is installed, whatever the folders are called."""
        digest = hashlib.sha256()
        for path in self._path:
            try:
                names = sorted(os.listdir(path))
            except NotADirectoryError:
                names = ["a file"]
            except OSError:
                names = []
            # What begins with a dot can't be imported; caches come and go.
            shown = [name for name in names if not name.startswith(".") and name != "__pycache__"]
            digest.update(("\n".join(shown) + "\0").encode("utf-8", "surrogateescape"))
        return digest.digest()

    def may_have_changed(self) -> bool:
        """Whether a folder was touched since this last said so, or since the making, and none since the last question.

        To be asked now and then: while something is being installed the answer is still no.
        """
        stamp, before = self._stamp(), self._seen
        self._seen = stamp
        if stamp != before or stamp == self._reported:
            return False
        self._reported = stamp
        return True
