# SPDX-License-Identifier: GPL-2.0-or-later
"""Standard output and error kept instead of shown, those of programs and of compiled code too."""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import contextmanager
from typing import Iterator

#: Longest text kept of one stream, bytes.
MAX_CAPTURED = 10_000_000


@contextmanager
def captured() -> Iterator[list[str]]:
    """Within the block both descriptors lead into files; afterwards the list holds stdout and stderr as text."""
    texts = ["", ""]
    sys.stdout.flush()
    sys.stderr.flush()
    files = [tempfile.TemporaryFile(), tempfile.TemporaryFile()]  # noqa: SIM115
    saved = [(1, os.dup(1)), (2, os.dup(2))]

    def restore() -> None:
        while saved:
            descriptor, own = saved[-1]
            os.dup2(own, descriptor)
            saved.pop()
            os.close(own)

    try:
        for file, descriptor in zip(files, (1, 2)):
            os.dup2(file.fileno(), descriptor)
        yield texts
    finally:
        try:
            restore()
        except KeyboardInterrupt:
            # Whatever interrupts, the session must not stay without its output.
            restore()
            raise
    for index, file in enumerate(files):
        file.seek(0)
        texts[index] = file.read(MAX_CAPTURED).decode("utf-8", "replace")
        file.close()
