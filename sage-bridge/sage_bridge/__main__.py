# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line: ``python -m sage_bridge serve`` and ``validate``."""

from __future__ import annotations

import sys

from .command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
