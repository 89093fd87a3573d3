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

from .audit import is_known
from .callers import FOREIGN, LIBRARY, OURS, READER, passes_through, who
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
    "getpid", "getppid", "getpgid", "getpgrp", "getsid", "getcwd", "getcwdb", "uname", "getlogin", "getuid",
    "geteuid", "getgid", "getegid", "getgroups", "cpu_count", "sched_getaffinity", "getloadavg", "times", "statvfs",
    "sysconf", "getpriority", "ttyname",
)  # fmt: skip


def _wrapped(original: Callable[..., Any], check: Callable[..., None]) -> Callable[..., Any]:
    """``original``, with ``check`` called on its arguments first while a run is watched."""

    @functools.wraps(original)
    def wrapper(*arguments: Any, **options: Any) -> Any:
        if findings.watching:
            check(*arguments, **options)
        return original(*arguments, **options)

    return wrapper


def unwatched(function: Callable[..., Any]) -> Callable[..., Any]:
    """What ``function`` is without a wrapper: for what this package asks for itself, at every run."""
    return getattr(function, "__wrapped__", function)


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
    if not sys._getframe(2).f_code.co_filename.startswith(OURS) and who(3) == READER:
        findings.note("process or machine")


def _environment(*_arguments: Any, **_options: Any) -> None:
    if who(3) == READER:
        findings.note("environment")


def _entropy(*_arguments: Any, **_options: Any) -> None:
    # Names of temporary files are drawn; they show in the output as paths, which is looked for there. Maxima is given
    # a seed when it is started; what the reader asks of it counts anyway.
    if not findings.trusting and not passes_through("/tempfile.py", "sage/interfaces/interface.py", depth=3):
        findings.note("entropy")


def _wrap_seed() -> None:
    original = random.Random.seed

    @functools.wraps(original)
    def seed(self: Any, *arguments: Any, **options: Any) -> None:
        if findings.watching and generators is not None:
            value = arguments[0] if arguments else options.get("a")
            if self is random._inst:
                _seed_global(PYTHON, value)
            elif value is None and not findings.trusting and not passes_through("/tempfile.py"):
                # Many a library makes one when it is imported. What counts is whether somebody draws from it.
                original(self, *arguments, **options)
                generators.keep_watch(self)
                return
            else:
                generators.lose_sight(self)
        original(self, *arguments, **options)

    random.Random.seed = seed
    # Bound before the class was changed.
    random.seed = random._inst.seed


def numpy_seed(seed: Any = None, *_arguments: Any, **_options: Any) -> None:
    """For the wrapper around ``numpy.random.seed``."""
    _seed_global(NUMPY, seed)


def _seed_global(name: str, seed: Any) -> None:
    if generators is None:
        findings.note("random numbers")
    elif seed is None:
        generators.unseeded(name)
        findings.note("entropy")
    elif not generators.seeded(name):
        findings.note("random numbers")


def _time_of_file(*_arguments: Any, **_options: Any) -> None:
    if who(3) in (READER, FOREIGN):
        findings.note("time of a file")


def note_alarm(*_arguments: Any, **_options: Any) -> None:
    """For what runs, or interrupts, code at some time."""
    findings.note("threads or alarms")


def _memory(*_arguments: Any, **_options: Any) -> None:
    if who(3) == READER:
        findings.note("memory")


def put_into_type(owner: type, name: str, value: Any) -> None:
    """Sets an attribute of a type written in C, which refuses ``setattr``."""
    (namespace,) = gc.get_referents(vars(owner))
    namespace[name] = value
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(owner))


def _wrap_class_method(owner: type, name: str, check: Callable[..., None]) -> None:
    descriptor = vars(owner)[name]

    def method(cls: type, *arguments: Any, **options: Any) -> Any:
        if findings.watching:
            check()
        return descriptor.__get__(None, cls)(*arguments, **options)

    put_into_type(owner, name, classmethod(functools.update_wrapper(method, getattr(owner, name))))


def uncounted(original: Callable[..., Any]) -> Callable[..., Any]:
    """``original``, whose result is definite although it draws random numbers on the way to it."""

    @functools.wraps(original)
    def wrapper(*arguments: Any, **options: Any) -> Any:
        if not findings.watching or generators is None or not generators.is_untouched():
            return original(*arguments, **options)
        try:
            return original(*arguments, **options)
        finally:
            generators.start_anew()

    return wrapper


def install() -> None:
    """Wraps what the standard library offers. To be called once, before Sage is imported."""
    for name in _CLOCKS:
        replace(time, name, _clock)
    for name, count in _CLOCKS_BY_DEFAULT:
        replace(time, name, _clock_below(count))
    for name in ("now", "utcnow"):
        _wrap_class_method(datetime.datetime, name, _clock)
    # What datetime.datetime has under that name as well ends here.
    _wrap_class_method(datetime.date, "today", _clock)
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
    if who(3) not in (READER, FOREIGN):
        return
    code = sys._getframe(2).f_code
    if not isinstance(path, int) and not is_known(path):
        # On the way to a place, all that is above it is asked for as well.
        if code.co_name != "_joinrealpath":
            findings.note("file")
    elif code.co_filename.startswith("<cell") or code.co_name in ("stat", "lstat"):
        # Others only want to know whether there is such a file.
        findings.note("time of a file")


def _install_random() -> None:
    _wrap_seed()
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
