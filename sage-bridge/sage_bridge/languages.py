# SPDX-License-Identifier: GPL-2.0-or-later
"""Other systems that code can be written for: which are here, and how each is run within a session.

Each is started when it is first used and belongs to its session alone; what is assigned stays. ``look`` finds out
once, before any fork, what is installed.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from typing import Any, Callable

from .modes_syntax import Code

#: Longest script passed as an argument of a shell, bytes: the kernel takes 128 KiB.
_MAX_ARGUMENT = 100_000

#: (title, what to install when it is missing).
_TITLES = {
    "sh": ("a shell", "bash"),
    "gap": ("GAP", "gap-core"),
    "gp": ("PARI/GP", "pari-gp"),
    "maxima": ("Maxima", "maxima with its ECL library"),
    "r": ("R", "R (r-base) and the Python package rpy2"),
    "octave": ("GNU Octave", "octave"),
    "singular": ("Singular", "singular"),
    "macaulay2": ("Macaulay2", "macaulay2"),
    "cython": ("Cython", "a C compiler (gcc) and the Python package Cython"),
}
#: Every language, installed or not, by the name of its mode.
NAMES = frozenset(_TITLES)

_here: frozenset[str] = frozenset()
_flush_c = ctypes.CDLL(None).fflush


class LanguageError(RuntimeError):
    """A system refused what it was given; the text is its own."""

    # A traceback names the class without a package of which the reader knows nothing.
    __module__ = "builtins"


class NotInstalledError(RuntimeError):
    """A system is not on this server; the text says what to install."""

    __module__ = "builtins"


def _has(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def _singular() -> bool:
    if shutil.which("Singular"):
        return True
    try:
        from sage.env import SINGULAR_BIN
    except ImportError:
        return False
    return bool(SINGULAR_BIN) and shutil.which(SINGULAR_BIN) is not None


_PROBES: dict[str, Callable[[], bool]] = {
    "sh": lambda: bool(_shell()),
    "gap": lambda: _has("sage.libs.gap.libgap") or bool(shutil.which("gap")),
    "gp": lambda: _has("cypari2") or bool(shutil.which("gp")),
    "maxima": lambda: _has("sage.interfaces.maxima_lib"),
    "r": lambda: _has("rpy2") and bool(shutil.which("R")),
    "octave": lambda: bool(shutil.which("octave") or shutil.which("octave-cli")),
    "singular": _singular,
    "macaulay2": lambda: bool(shutil.which("M2")),
    "cython": lambda: bool(shutil.which(os.environ.get("CC", "cc").split()[0])) and _has("Cython"),
}


def look() -> None:
    """Finds out what is installed; for the process that all sessions are forked from."""
    global _here
    _here = frozenset(name for name, probe in _PROBES.items() if probe())


def available() -> list[str]:
    """Names of the languages that can be used here, sorted; empty before ``look``."""
    return sorted(_here)


def missing(name: str) -> str:
    """One sentence for who asks for a language that is not installed."""
    title, package = _TITLES[name]
    return f"{title} is not installed on this server; %{name} needs {package}."


def run(name: str, code: Code, namespace: dict[str, Any]) -> None:
    """Runs code in a language of ``NAMES``; what it prints is printed.

    Raises:
        NotInstalledError: it is not here.
        LanguageError: the system says that the code is wrong.
    """
    if name not in _here:
        raise NotInstalledError(missing(name))
    try:
        _RUNNERS[name](code, namespace)
    finally:
        # Compiled code keeps what it prints in C's own buffer.
        _flush_c(None)


def evaluated(system: Any, text: str, options: dict[str, Any]) -> Any:
    """What ``system.eval`` makes of a text; a program that is not there is told in one sentence."""
    try:
        return system.eval(text, **options)
    except (TypeError, RuntimeError, OSError) as error:
        if "unable to start" in str(error).lower() or isinstance(error, FileNotFoundError):
            raise NotInstalledError(f"{_title(system)} is not installed on this server.") from None
        raise


def _title(system: Any) -> str:
    name = getattr(system, "name", None)
    return str(name()) if callable(name) else type(system).__name__


def _say(text: Any) -> None:
    text = str(text).strip("\n")
    if text.strip():
        sys.stdout.write(text + "\n")


def _refuse(text: Any) -> LanguageError:
    text = str(text).strip()
    for prefix in ("ECL says: Error executing code in Maxima:", "ECL says:", "Singular error:"):
        if text.startswith(prefix):
            text = text[len(prefix) :].strip()
    if "MACSYMA-QUIT" in text:
        text = "incorrect syntax"
    return LanguageError(text)


# ---- statements ----


def statements(
    code: str, ends: str, quotes: str, comments: tuple[tuple[str, str], ...], blocks: dict[str, int] | None = None
) -> list[str]:
    """Code cut after each of the characters ``ends`` outside strings, comments, brackets and blocks.

    Args:
        code: of any such language.
        ends: one character each.
        quotes: one character each; a backslash within a string keeps the next character.
        comments: pairs of how a comment begins and ends; they are left out.
        blocks: words that open (1) or close (-1) a block.
    """
    found: list[str] = []
    current: list[str] = []
    depth, index = 0, 0
    while index < len(code):
        letter = code[index]
        comment = next((pair for pair in comments if code.startswith(pair[0], index)), None)
        if comment is not None:
            end = code.find(comment[1], index + len(comment[0]))
            index = len(code) if end < 0 else end + (0 if comment[1] == "\n" else len(comment[1]))
            continue
        if letter in quotes:
            end = index + 1
            while end < len(code) and code[end] != letter:
                end += 2 if code[end] == "\\" else 1
            current.append(code[index : end + 1])
            index = end + 1
            continue
        if letter.isalpha() or letter == "_":
            end = index
            while end < len(code) and (code[end].isalnum() or code[end] in "_@"):
                end += 1
            word = code[index:end]
            depth += (blocks or {}).get(word, 0)
            current.append(word)
            index = end
            continue
        if letter in "([{":
            depth += 1
        elif letter in ")]}":
            depth -= 1
        current.append(letter)
        index += 1
        if letter in ends and depth <= 0:
            while letter == ";" and code.startswith(";", index):
                current.append(";")
                index += 1
            found.append("".join(current).strip())
            current, depth = [], 0
    found.append("".join(current).strip())
    return [one for one in found if one.strip(ends + " \n\t")]


# ---- GAP ----

_GAP_BLOCKS = {"function": 1, "end": -1, "if": 1, "fi": -1, "do": 1, "od": -1, "repeat": 1, "until": -1}
_GAP_READ = """function(text) local read;
read := READ_ALL_COMMANDS(InputTextString(text), false, false, function(x) ViewObj(x); Print("\\n"); end);
return ForAll(read, one -> one[1] = true); end"""
#: What GAP has said about errors, from there on; it may hold bytes that are no text.
_GAP_SAID = """function(start) return Filtered(libgap_errout{[start + 1 .. Length(libgap_errout)]},
one -> IntChar(one) < 127); end"""
_gap_functions: list[Any] = []


def _gap(code: Code, _namespace: dict[str, Any]) -> None:
    try:
        from sage.libs.gap.libgap import libgap
        from sage.libs.gap.util import GAPError
    except ImportError:
        return _by_interface("gap")(code, _namespace)
    if not _gap_functions:
        _gap_functions.extend(map(libgap.eval, (_GAP_READ, _GAP_SAID, "function() return Length(libgap_errout); end")))
    read, said, length = _gap_functions
    for statement in statements(code, ";", "\"'", (("#", "\n"),), _GAP_BLOCKS):
        before = length()
        try:
            is_good = bool(read(statement if statement.endswith(";") else statement + ";"))
        except (GAPError, SystemError, RuntimeError) as error:
            # The error that GAP was left with comes wrapped in the one that Python makes of that.
            raise _refuse(error.__cause__ or error) from None
        if not is_good:
            raise _refuse(said(before).sage())
    return None


# ---- PARI ----


def _gp(code: Code, _namespace: dict[str, Any]) -> None:
    try:
        from cypari2.handle_error import PariError
        from sage.libs.pari.all import pari
    except ImportError:
        return _by_interface("gp")(code, _namespace)
    for line in statements(code, "\n", '"', (("\\\\", "\n"), ("/*", "*/"))):
        line = line.replace("\n", "")
        # gp lets a whole definition stand in braces.
        if line.startswith("{") and line.endswith("}"):
            line = line[1:-1]
        if line.startswith("\\p ") or (line.startswith("\\p") and line[2:].isdigit()):
            line = f"default(realprecision,{line[2:].strip()});"
        try:
            value = pari(line)
        except PariError as error:
            raise LanguageError(str(error)) from None
        if value is not None and not line.endswith(";"):
            _say(value)
    return None


# ---- Maxima ----


def _maxima(code: Code, _namespace: dict[str, Any]) -> None:
    from sage.interfaces.maxima_lib import maxima_lib

    for statement in statements(code, ";$", '"', (("/*", "*/"),)):
        is_quiet = statement.endswith("$")
        try:
            answer = maxima_lib.eval(statement.rstrip(";$ \n") + ";")
        except (RuntimeError, TypeError) as error:
            raise _refuse(error) from None
        if not is_quiet:
            _say(answer)


# ---- programs that Sage talks to ----


def _by_interface(name: str) -> Callable[[Code, dict[str, Any]], None]:
    def evaluate(code: Code, _namespace: dict[str, Any]) -> None:
        import sage.interfaces.all as interfaces

        system = getattr(interfaces, name)
        try:
            answer = evaluated(system, str(code), {})
        except NotInstalledError:
            raise NotInstalledError(missing(name)) from None
        except KeyboardInterrupt:
            raise
        except Exception as error:
            raise _refuse(error) from None
        _say(answer)

    return evaluate


#: Pictures go into numbered files of the session's directory, where they are found at the end of the run. Every
#: expression's value is printed as at R's own prompt.
_R_START = """options(bitmapType="cairo", show.error.messages=FALSE)
options(device=function(...) png(filename="Rplot%03d.png", width=640, height=480))
.sage_embed_run <- function(code) {
  for (one in parse(text=code)) {
    made <- withVisible(eval(one, globalenv()))
    if (made$visible) print(made$value)
  }
  invisible("")
}"""
_r_is_ready = False


def _r(code: Code, _namespace: dict[str, Any]) -> None:
    global _r_is_ready
    from sage.interfaces.r import r

    try:
        if not _r_is_ready:
            from rpy2.rinterface_lib import callbacks

            callbacks.consolewrite_warnerror = sys.stderr.write
            r.eval(_R_START)
            r.eval(f"setwd({_r_text(os.getcwd())})")
            _r_is_ready = True
        try:
            r.eval(f".sage_embed_run({_r_text(str(code))})")
        finally:
            r.eval("graphics.off()")
    except KeyboardInterrupt:
        raise
    except Exception as error:
        raise _refuse(error) from None


def _r_text(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


# ---- shell ----


def _shell() -> str | None:
    return shutil.which("bash") or shutil.which("sh")


def _sh(code: Code, _namespace: dict[str, Any]) -> None:
    shell = _shell() or "/bin/sh"
    data = code.encode("utf-8", "surrogateescape" if code.isascii() else "replace")
    if b"\0" in data:
        raise LanguageError("the script contains a NUL character")
    script = None
    arguments = [shell, "-c", os.fsdecode(data)]
    if len(data) > _MAX_ARGUMENT:
        script = tempfile.NamedTemporaryFile(suffix=".sh")  # noqa: SIM115
        script.write(data)
        script.flush()
        arguments = [shell, script.name]
    # Its output goes where this process's own goes, so the kernel keeps the order.
    process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL)  # noqa: S603
    try:
        status = process.wait()
    except KeyboardInterrupt:
        # The signal went to the whole group; what ignores it does not outlive the run.
        try:
            process.wait(0.2)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        raise
    finally:
        if script is not None:
            script.close()
    if status == -signal.SIGINT:
        raise KeyboardInterrupt
    if status:
        how = f"signal {-status}" if status < 0 else f"exit status {status}"
        sys.stderr.write(f"[{how}]\n")


# ---- Cython ----


def _cython(code: Code, namespace: dict[str, Any]) -> None:
    from sage.misc import cython

    with tempfile.NamedTemporaryFile("w", suffix=".pyx", encoding="utf-8", delete=False) as file:
        file.write(code.padded())
    # Cython looks for this compiler of numeric code, and takes seconds to load it where it is.
    is_kept_out = "pythran" not in sys.modules
    if is_kept_out:
        sys.modules["pythran"] = None  # type: ignore[assignment]
    try:
        _link_what_is_here(cython)
        cython.cython_import_all(file.name, namespace)
    except RuntimeError as error:
        raise _refuse(error) from None
    finally:
        os.unlink(file.name)
        if is_kept_out:
            del sys.modules["pythran"]


def _link_what_is_here(cython: Any) -> None:
    """Has code compiled without the libraries below Sage where only Sage itself is installed, not their headers."""
    name = "_standard_libs_libdirs_incdirs_aliases"
    try:
        getattr(cython, name)()
    except Exception:
        from numpy import get_include

        setattr(cython, name, lambda: ([], [], [get_include()], {}))


_RUNNERS: dict[str, Callable[[Code, dict[str, Any]], None]] = {
    "sh": _sh,
    "gap": _gap,
    "gp": _gp,
    "maxima": _maxima,
    "r": _r,
    "octave": _by_interface("octave"),
    "singular": _by_interface("singular"),
    "macaulay2": _by_interface("macaulay2"),
    "cython": _cython,
}
