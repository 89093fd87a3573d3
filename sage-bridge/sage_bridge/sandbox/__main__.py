# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the check."""

import sys

from .check import main

sys.exit(main())
