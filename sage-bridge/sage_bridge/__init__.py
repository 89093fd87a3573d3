# SPDX-License-Identifier: GPL-2.0-or-later
"""The bridge: a server that runs Sage for relays. Standard library and Sage only."""

__version__ = "0.1.0"
