# SPDX-License-Identifier: GPL-2.0-or-later
"""How much disk a session's directory takes, where no file system of its own limits it."""

from __future__ import annotations

import os
import stat
import time
from dataclasses import dataclass

MOST_ENTRIES = 20_000
MOST_SECONDS = 0.05
#: Deeper trees are nobody's honest work, and each step down holds a descriptor.
_DEEPEST = 64


@dataclass(frozen=True)
class Usage:
    """Bytes on disk and number of entries; ``complete`` is False if a bound ended the count, which is then too low."""

    bytes: int
    files: int
    complete: bool

    def exceeds(self, most_bytes: int, most_files: int) -> bool:
        """Whether a limit is passed; a count that could not be finished passes any."""
        return not self.complete or self.bytes > most_bytes or self.files > most_files


class _Count:
    def __init__(self, most_entries: int, most_seconds: float) -> None:
        self.bytes = self.files = 0
        self.complete = True
        self._most = most_entries
        self._deadline = time.monotonic() + most_seconds
        self._linked: set[tuple[int, int]] = set()

    def tree(self, name: str, parent: int | None, depth: int) -> None:
        try:
            here = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=parent)
        except FileNotFoundError:
            return
        except OSError:
            # What may not be looked into may hold anything.
            self.complete = False
            return
        try:
            with os.scandir(here) as entries:
                for entry in entries:
                    self.files += 1
                    if self.files > self._most or depth > _DEEPEST or time.monotonic() > self._deadline:
                        self.complete = False
                    if not self.complete:
                        return
                    self._entry(entry, here, depth)
        except OSError:
            self.complete = False
        finally:
            os.close(here)

    def _entry(self, entry: os.DirEntry[str], here: int, depth: int) -> None:
        try:
            info = entry.stat(follow_symlinks=False)
        except OSError:
            return
        if stat.S_ISDIR(info.st_mode):
            self.bytes += info.st_blocks * 512
            self.tree(entry.name, here, depth + 1)
            return
        if info.st_nlink > 1:
            if (info.st_dev, info.st_ino) in self._linked:
                return
            self._linked.add((info.st_dev, info.st_ino))
        self.bytes += info.st_blocks * 512


def usage(directory: str, most_entries: int = MOST_ENTRIES, most_seconds: float = MOST_SECONDS) -> Usage:
    """Adds up what lies below ``directory``, opening no file and following no link; hard links count once.

    The owner of the directory may change it meanwhile: every step is relative to an open directory, so that nothing
    outside is ever counted. A directory that may not be read makes the count incomplete; a missing one takes nothing.
    Files that were deleted and are still open are not seen.
    """
    count = _Count(most_entries, most_seconds)
    count.tree(directory, None, 0)
    return Usage(count.bytes, count.files, count.complete)
