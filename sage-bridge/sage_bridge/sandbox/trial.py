# SPDX-License-Identifier: GPL-2.0-or-later
"""One attempt at what may fail, or can't be undone, in a child process."""

from __future__ import annotations

import contextlib
import os
import select
import signal
from collections.abc import Callable

#: Longest a trial of a layer may take, seconds.
_TRIAL_SECONDS = 5.0


def trial(attempt: Callable[[], object]) -> str:
    """Runs ``attempt`` in a child process; "" if it returned, else what it raised, in a sentence."""
    receive, send = os.pipe()
    pid = os.fork()
    if pid == 0:
        text = ""
        try:
            os.close(receive)
            attempt()
        except BaseException as error:
            text = f"{type(error).__name__}: {error}" if not isinstance(error, OSError) else str(error)
        with contextlib.suppress(OSError):
            os.write(send, b"." + text.encode()[:2000])
        os._exit(0)
    os.close(send)
    try:
        poll = select.poll()
        poll.register(receive, select.POLLIN)
        answer = os.read(receive, 4096) if poll.poll(_TRIAL_SECONDS * 1000) else b""
    finally:
        os.close(receive)
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    if not answer:
        return "the trial died or did not end"
    return answer[1:].decode(errors="replace")
