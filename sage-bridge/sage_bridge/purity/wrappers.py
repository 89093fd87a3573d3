# SPDX-License-Identifier: GPL-2.0-or-later
"""Thin wrappers around what tells Python code the time, the process, the machine, or gives it entropy.

They are put in place before Sage is imported, so that ``from time import time`` in it gets them as well. Outside
a run each costs one comparison.
"""

from __future__ import annotations

import ctypes
import datetime
import functools
import gc
import os
import random
import sys
import threading
import time
from typing import Any, Callable

from .callers import LIBRARY, OURS, READER, passes_through, who
from .findings import findings
from .generators import NUMPY, PYTHON, Generators

#: Of this process, once it has them.
generators: Generators | None = None
#: Why no run of this process can count as pure, or None.
blind: str | None = None

_CLOCKS = (
    "time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "process_time",
    "process_time_ns", "thread_time", "thread_time_ns", "clock_gettime", "clock_gettime_ns",
)  # fmt: skip
#: (name, number of arguments from which on it does not ask for the present time)
_CLOCKS_BY_DEFAULT = (("localtime", 1), ("gmtime", 1), ("ctime", 1), ("asctime", 1), ("strftime", 2))
_IDENTITY = (
    "getpid", "getppid", "getpgid", "getpgrp", "getsid", "getcwd", "getcwdb", "uname", "getlogin", "getuid", "geteuid", "getgid",
    "getegid", "getgroups", "cpu_count", "sched_getaffinity", "getloadavg", "times", "statvfs", "sysconf", "get_terminal_size",
    "getpriority", "ttyname",
)  # fmt: skip


def _wrapped(original: Callable[..., Any], check: Callable[..., None]) -> Callable[..., Any]:
    """``original``, with ``check`` called on its arguments first while a run is watched."""

    @functools.wraps(original)
    def wrapper(*arguments: Any, **options: Any) -> Any:
        if findings.watching:
            check(*arguments, **options)
        return original(*arguments, **options)

    return wrapper


def replace(owner: Any, name: str, check: Callable[..., None]) -> None:
    """Puts a wrapper in the place of ``owner.name``, if there is such a thing."""
    original = getattr(owner, name, None)
    if original is None:
        return
    wrapper = _wrapped(original, check)
    setattr(owner, name, wrapper)
    if owner is os:
        for group in (os.supports_dir_fd, os.supports_fd, os.supports_follow_symlinks, os.supports_effective_ids):
            if original in group:
                group.add(wrapper)


def _clock(*_arguments: Any, **_options: Any) -> None:
    if who(3) != LIBRARY:
        findings.note("clock")


def _clock_below(count: int) -> Callable[..., None]:
    def check(*arguments: Any, **_options: Any) -> None:
        if len(arguments) < count and who(3) != LIBRARY:
            findings.note("clock")

    return check


def _identity(*_arguments: Any, **_options: Any) -> None:
    # This package asks for its own sake.
    if not sys._getframe(2).f_code.co_filename.startswith(OURS) and who(3) != LIBRARY:
        findings.note("process or machine")


def _environment(*_arguments: Any, **_options: Any) -> None:
    if who(3) != LIBRARY:
        findings.note("environment")


def _entropy(*_arguments: Any, **_options: Any) -> None:
    # Names of temporary files are drawn; they show in the output as paths, which is looked for there. This package
    # gives GAP its seed.
    if not sys._getframe(2).f_code.co_filename.startswith(OURS) and not passes_through(
        "/tempfile.py", "sage/misc/temporary_file.py", depth=3
    ):
        findings.note("entropy")


def _seed(generator: Any, seed: Any = None, *_arguments: Any, **_options: Any) -> None:
    _given(seed, PYTHON if generator is random._inst else None)


def numpy_seed(seed: Any = None, *_arguments: Any, **_options: Any) -> None:
    """For the wrapper around ``numpy.random.seed``."""
    _given(seed, NUMPY)


def _given(seed: Any, name: str | None) -> None:
    if seed is not None:
        if name is not None and (generators is None or not generators.seeded(name)):
            findings.note("random numbers")
        return
    if name is not None and generators is not None:
        generators.unseeded(name)
    if not passes_through("/tempfile.py", "sage/misc/temporary_file.py", depth=4):
        findings.note("entropy")


def _time_of_file(*_arguments: Any, **_options: Any) -> None:
    if who(3) != LIBRARY:
        findings.note("time of a file")


def note_alarm(*_arguments: Any, **_options: Any) -> None:
    """For what runs, or interrupts, code at some time."""
    findings.note("threads or alarms")


def _memory(*_arguments: Any, **_options: Any) -> None:
    if who(3) == READER:
        findings.note("memory")


def _patch_type(owner: type, name: str, check: Callable[..., None]) -> None:
    """Wraps a class method of a type written in C, which refuses ``setattr``."""
    descriptor = vars(owner)[name]

    def method(cls: type, *arguments: Any, **options: Any) -> Any:
        if findings.watching:
            check()
        return descriptor.__get__(None, cls)(*arguments, **options)

    functools.update_wrapper(method, getattr(owner, name))
    (namespace,) = gc.get_referents(vars(owner))
    namespace[name] = classmethod(method)
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(owner))


def install() -> None:
    """Wraps what the standard library offers. To be called once, before Sage is imported."""
    for name in _CLOCKS:
        replace(time, name, _clock)
    for name, count in _CLOCKS_BY_DEFAULT:
        replace(time, name, _clock_below(count))
    for name in ("now", "utcnow"):
        _patch_type(datetime.datetime, name, _clock)
    # What datetime.datetime has under that name as well ends here.
    _patch_type(datetime.date, "today", _clock)
    for name in _IDENTITY:
        replace(os, name, _identity)
    for name in ("urandom", "getrandom"):
        replace(os, name, _entropy)
    for name in ("stat", "lstat", "fstat"):
        replace(os, name, _stat)
    for name in ("getmtime", "getatime", "getctime"):
        replace(os.path, name, _time_of_file)
    _install_random()
    _install_environment()
    _install_rare()


def _stat(path: Any = None, *_arguments: Any, **_options: Any) -> None:
    from .audit import is_known

    if not isinstance(path, int) and not is_known(path):
        findings.note("file")
    elif sys._getframe(2).f_code.co_name in ("stat", "lstat") or sys._getframe(2).f_code.co_filename.startswith(
        "<cell"
    ):
        if who(3) != LIBRARY:
            findings.note("time of a file")


def _install_random() -> None:
    replace(random.Random, "seed", _seed)
    # Bound before the class was changed.
    random.seed = random._inst.seed
    replace(random, "_urandom", _entropy)


def _install_environment() -> None:
    kind = type(os.environ)
    for name in ("__getitem__", "__iter__", "__len__", "__repr__", "copy"):
        replace(kind, name, _environment)
    replace(os, "getenvb", _environment)


def _install_rare() -> None:
    import getpass
    import platform
    import resource
    import signal
    import uuid

    replace(uuid, "_generate_time_safe", _entropy)
    replace(uuid, "getnode", _identity)
    replace(getpass, "getuser", _identity)
    for name in ("node", "uname", "platform", "processor", "machine", "release", "version", "system"):
        replace(platform, name, _identity)
    for name in ("getrusage", "getrlimit"):
        replace(resource, name, _clock)
    for name in ("alarm", "setitimer"):
        replace(signal, name, note_alarm)
    for name in ("get_ident", "get_native_id"):
        replace(threading, name, _memory)
    replace(threading.Thread, "start", note_alarm)
    for name in ("getrefcount", "getallocatedblocks", "_current_frames"):
        replace(sys, name, _memory)
    for name in ("get_count", "get_stats", "get_objects", "get_referrers", "collect"):
        replace(gc, name, _memory)
