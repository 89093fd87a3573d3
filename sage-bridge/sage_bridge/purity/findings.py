# SPDX-License-Identifier: GPL-2.0-or-later
"""What was found in the present run: the first reason why it is not pure."""

from __future__ import annotations


class Findings:
    """One per process.

    Attributes:
        watching: True while the reader's code runs; outside of it nothing is anybody's concern.
        reason: why the run is not pure, in a few words; None while nothing was found.
        last: the reason of the run before, for those who look for it.
        trusting: above 0 while code runs whose fresh entropy is known not to be used.
        directory: the worker's own, with a slash at its end; what is in it is the run's own doing.
    """

    __slots__ = ("directory", "last", "reason", "trusting", "watching")

    def __init__(self) -> None:
        self.watching = False
        self.trusting = 0
        self.reason: str | None = None
        self.last: str | None = None
        self.directory = "\0"

    def note(self, reason: str) -> None:
        """The run is not pure. Nothing more needs to be measured in it."""
        if self.watching:
            self.reason = reason
            self.watching = False


findings = Findings()
