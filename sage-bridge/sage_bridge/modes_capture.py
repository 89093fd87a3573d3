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
    saved = [os.dup(1), os.dup(2)]
    for file, descriptor in zip(files, (1, 2)):
        os.dup2(file.fileno(), descriptor)
    try:
        yield texts
    finally:
        for descriptor, (own, file) in enumerate(zip(saved, files), start=1):
            os.dup2(own, descriptor)
            os.close(own)
            file.seek(0)
            texts[descriptor - 1] = file.read(MAX_CAPTURED).decode("utf-8", "replace")
            file.close()
