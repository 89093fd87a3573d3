# SPDX-License-Identifier: GPL-2.0-or-later
"""One JSON object per line on standard error. No code and no output of readers."""

from __future__ import annotations

import json
import sys
import time
from typing import Any


def _write(level: str, message: str, facts: dict[str, Any]) -> None:
    line = json.dumps({"time": round(time.time(), 3), "level": level, "message": message, **facts})
    try:
        sys.stderr.write(line + "\n")
        sys.stderr.flush()
    except OSError:
        # Nobody reads the log any more; that must not end the service.
        pass


def info(message: str, **facts: Any) -> None:
    """Something an operator may want to know."""
    _write("info", message, facts)


def warn(message: str, **facts: Any) -> None:
    """Something an operator should look at."""
    _write("warn", message, facts)
