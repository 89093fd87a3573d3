# SPDX-License-Identifier: GPL-2.0-or-later
"""Which files and devices a worker may open: the system, Sage, what the operator adds."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import sys
from collections.abc import Iterable

from . import namespaces
from .plan import Plan

#: What of ``/etc`` programs need and anybody may know.
_ETC = (
    "alternatives", "ca-certificates.conf", "fonts", "gai.conf", "gprc", "group", "host.conf", "hosts", "inputrc",
    "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "locale.alias", "localtime", "magic", "mailcap", "matplotlibrc",
    "mime.types", "networks", "nsswitch.conf", "os-release", "papersize", "passwd", "protocols", "R",
    "services", "terminfo", "texmf", "timezone", "java-17-openjdk", "python3", "python3.11",
)  # fmt: skip
#: With egress: how to find and trust hosts.
_ETC_NETWORK = ("resolv.conf", "ssl", "ca-certificates", "pki")


def installation() -> list[str]:
    """Directories of this interpreter, its packages and Sage, found without importing Sage."""
    found = [sys.prefix, sys.base_prefix, sys.exec_prefix, os.path.dirname(os.path.realpath(sys.executable))]
    found.append(os.path.dirname(os.__file__))
    found += [p for p in sys.path if os.path.basename(p) in ("site-packages", "dist-packages")]
    with contextlib.suppress(ImportError, ValueError):
        spec = importlib.util.find_spec("sage")
        found += list(spec.submodule_search_locations or ()) if spec else []
    # A Sage built from source says by these where its programs and data are.
    found += [os.environ[name] for name in ("SAGE_ROOT", "SAGE_LOCAL", "SAGE_VENV") if os.environ.get(name)]
    return [p for p in dict.fromkeys(map(os.path.abspath, found)) if p != "/" and os.path.isdir(p)]


def shortest(paths: Iterable[str]) -> tuple[str, ...]:
    """``paths`` without those that lie below another of them."""
    kept: list[str] = []
    for path in sorted({os.path.normpath(p) for p in paths}, key=len):
        if not any(path == k or path.startswith(k + "/") for k in kept):
            kept.append(path)
    return tuple(kept)


def readable(plan: Plan) -> list[str]:
    """What Landlock lets a worker read and execute."""
    system = [path for path in namespaces.SYSTEM if path != "/etc"]
    settings = (*_ETC, *_ETC_NETWORK) if plan.egress else _ETC
    return [*system, *(f"/etc/{name}" for name in settings), "/proc", *plan.read]


def devices() -> list[str]:
    """What Landlock lets a worker read, write and control."""
    return [*(f"/dev/{name}" for name in namespaces.DEVICES), "/dev/ptmx", "/dev/pts"]
