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


#: (title, what to install when it is missing).
TITLES = {
    "sh": ("a shell", "bash"),
    "gap": ("GAP", "gap-core"),
    "gp": ("PARI/GP", "pari-gp"),
    "maxima": ("Maxima", "maxima with its ECL library"),
    "r": ("R", "r-base"),
    "octave": ("GNU Octave", "octave"),
    "singular": ("Singular", "singular"),
    "macaulay2": ("Macaulay2", "macaulay2"),
    "cython": ("Cython", "a C compiler (gcc) and the Python package Cython"),
}


def missing(name: str) -> str:
    """One sentence for who asks for a language that is not installed."""
    title, package = TITLES[name]
    return f"{title} is not installed on this server; %{name} needs {package}."
