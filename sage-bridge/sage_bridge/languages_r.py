# SPDX-License-Identifier: GPL-2.0-or-later
"""R as a program of the session's own, told what to run through a pipe."""

from __future__ import annotations

import codecs
import os
import selectors
import subprocess
import sys
import tempfile
import time

from .languages_errors import LanguageError
from .modes_syntax import Code

#: Stands before and after what the program says about the end of a run; no reader prints it.
_MARK = "\x1e"
#: Time it has to come back after an interrupt, seconds; then it is ended and its variables with it.
_PATIENCE = 1.0

#: Pictures go into numbered files of the session's directory, where they are found at the end of the run. Every
#: expression's value is printed as at R's own prompt.
_START = """
options(bitmapType="cairo", device=function(...) png(filename="Rplot%03d.png", width=640, height=480))
.sage_embed_run <- function(path) {
  said <- tryCatch({
    withCallingHandlers(
      for (one in parse(text=readLines(path, encoding="UTF-8", warn=FALSE), encoding="UTF-8", keep.source=FALSE)) {
        made <- withVisible(eval(one, globalenv()))
        if (made$visible) print(made$value)
      },
      warning = function(w) { message("Warning: ", conditionMessage(w)); invokeRestart("muffleWarning") })
    ""
  }, error = function(e) paste0("Error: ", conditionMessage(e)), interrupt = function(e) "interrupted")
  graphics.off()
  cat("\\036", said, "\\036\\n", sep="")
}
"""


class R:
    """One R, started when it is first used; what is assigned in it stays."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def _started(self) -> subprocess.Popen[bytes]:
        process = self._process
        if process is None or process.poll() is not None:
            self._process = process = subprocess.Popen(
                ["R", "--no-echo", "--vanilla", "--no-readline"],  # noqa: S607
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=0,
            )
            self._tell(process, _START)
        return process

    @staticmethod
    def _tell(process: subprocess.Popen[bytes], text: str) -> None:
        assert process.stdin is not None
        process.stdin.write(text.encode())

    def run(self, code: Code) -> None:
        """Runs code and prints what it prints.

        Raises:
            LanguageError: R refuses it, or has ended.
        """
        process = self._started()
        with tempfile.NamedTemporaryFile("w", suffix=".R", encoding="utf-8") as file:
            file.write(code + "\n")
            file.flush()
            self._tell(process, f'.sage_embed_run("{file.name}")\n')
            try:
                said = self._listen(process, None)
            except KeyboardInterrupt:
                # The signal went to R as well, which then says so.
                if self._listen(process, time.monotonic() + _PATIENCE) is None:
                    self.end()
                raise
        if said is None:
            self.end()
            raise LanguageError("R has ended; its variables are gone.")
        if said == "interrupted":
            raise KeyboardInterrupt
        if said:
            raise LanguageError(said)

    @staticmethod
    def _listen(process: subprocess.Popen[bytes], until: float | None) -> str | None:
        """Passes on what is printed until the end of the run; what was said then, or None when nothing more comes."""
        assert process.stdout is not None
        mark = _MARK.encode()
        descriptor = process.stdout.fileno()
        pending = b""
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        with selectors.DefaultSelector() as selector:
            selector.register(descriptor, selectors.EVENT_READ)
            while True:
                wait = None if until is None else max(until - time.monotonic(), 0)
                if not selector.select(wait):
                    return None
                data = os.read(descriptor, 65_536)
                if not data:
                    return None
                pending += data
                printed, found, rest = pending.partition(mark)
                if printed:
                    sys.stdout.write(decoder.decode(printed))
                pending = found + rest
                if rest.endswith(mark + b"\n"):
                    return rest[:-2].decode("utf-8", "replace").strip()

    def end(self) -> None:
        """Ends the program; the next run starts another."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()
