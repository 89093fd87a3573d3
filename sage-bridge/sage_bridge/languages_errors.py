# SPDX-License-Identifier: GPL-2.0-or-later
"""What can go wrong with another system."""

from __future__ import annotations


class LanguageError(RuntimeError):
    """A system refused what it was given; the text is its own."""

    # A traceback names the class without a package of which the reader knows nothing.
    __module__ = "builtins"


class NotInstalledError(RuntimeError):
    """A system is not on this server; the text says what to install."""

    __module__ = "builtins"
