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
import subprocess
import sys
import tempfile
from typing import Any, Callable

from . import languages_gap, shell
from .languages_errors import TITLES, LanguageError, NotInstalledError, missing
from .languages_r import R
from .languages_statements import statements
from .modes_syntax import Code

#: Longest script passed as an argument of a shell, bytes: the kernel takes 128 KiB.
_MAX_ARGUMENT = 100_000

#: Every language, installed or not, by the name of its mode.
NAMES = frozenset(TITLES)

_here: frozenset[str] = frozenset()
_r = R()
_flush_c = ctypes.CDLL(None).fflush


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
    "gap": lambda: languages_gap.is_here() or bool(shutil.which("gap")),
    "gp": lambda: _has("cypari2") or bool(shutil.which("gp")),
    "maxima": lambda: _has("sage.interfaces.maxima_lib"),
    "r": lambda: bool(shutil.which("R")),
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


def offered() -> list[str]:
    """What code as a whole can be written in here; for ``ready``."""
    return ["sage", "python", "html", *available()]


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


def _gap(code: Code, namespace: dict[str, Any]) -> None:
    if languages_gap.is_here():
        languages_gap.run(code)
    else:
        _by_interface("gap")(code, namespace)


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
    from sage.libs.ecl import ecl_eval

    # Sage sends to nowhere what Maxima prints, and keeps the stream that leads to the reader under this name.
    ecl_eval("(setf *standard-output* original-standard-output)")
    try:
        _run_maxima(maxima_lib, code)
    finally:
        ecl_eval("(finish-output *standard-output*)")
        ecl_eval("(setf *standard-output* *dev-null*)")


def _run_maxima(maxima_lib: Any, code: Code) -> None:
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


# ---- shell ----


def _shell() -> str | None:
    return shutil.which("bash") or shutil.which("sh")


def _sh(code: Code, _namespace: dict[str, Any]) -> None:
    program = _shell() or "/bin/sh"
    data = code.encode("utf-8", "surrogateescape" if code.isascii() else "replace")
    if b"\0" in data:
        raise LanguageError("the script contains a NUL character")
    script = None
    arguments = [program, "-c", os.fsdecode(data)]
    if len(data) > _MAX_ARGUMENT:
        script = tempfile.NamedTemporaryFile(suffix=".sh")  # noqa: SIM115
        script.write(data)
        script.flush()
        arguments = [program, script.name]
    # Its output goes where this process's own goes, so the kernel keeps the order.
    try:
        status = shell.run(arguments, stdin=subprocess.DEVNULL)
    finally:
        if script is not None:
            script.close()
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
    "r": lambda code, _namespace: _r.run(code),
    "octave": _by_interface("octave"),
    "singular": _by_interface("singular"),
    "macaulay2": _by_interface("macaulay2"),
    "cython": _cython,
}
