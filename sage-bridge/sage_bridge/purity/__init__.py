# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether a run depended on anything but its code and what its session ran before. Measured, not guessed.

Four measurements, each for what the others can't see:

- **wrappers** (``wrappers``) around what Python code calls to learn the time, the process, the machine, the
  environment, or to get fresh entropy;
- **audit events** (``audit``) of the interpreter for files, the network, processes, addresses;
- **states of generators** (``generators``) compared before and after: whoever draws, compiled code included, leaves
  a trace there;
- **the output itself** (``marks``): an address or a private path in it is a leak, wherever it came from.

``callers`` tells who did it. Sage's library may look at the clock to know whether to print a message, and read its
own data: that can't reach the output. The reader's code may not. What nobody can tell is taken for a leak.

``drawing`` makes plots the same each time. ``PYTHONHASHSEED`` is to be fixed where the zygote is started, so that
texts have the same hash in every worker, and sets of them the same order.

Not seen: files that compiled code opens by itself (PARI's ``read``), the random numbers of Singular, and the
order of a set of objects that are hashed by their address.

Use: ``install()`` before Sage is imported, ``settle()`` after it, both in the zygote; one ``Watch`` per worker.
"""

from __future__ import annotations

from .install import install, settle
from .marks import Marks
from .watch import Watch
from .wrappers import unwatched

__all__ = ["Marks", "Watch", "install", "settle", "unwatched"]
