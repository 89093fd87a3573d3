# SPDX-License-Identifier: GPL-2.0-or-later
"""The system calls that user code may not make, compiled once to the kernel's filter language.

A deny-list in the manner of container runtimes, with what program judges add against talking between sessions:
keyrings, System V and POSIX message queues, lock and file-watch queries on shared read-only files.
"""

from __future__ import annotations

import ctypes
import errno
import struct

from . import kernel

#: Refused with EPERM. Numbers on x86_64 and aarch64; None where the architecture never had the call.
DENIED: dict[str, tuple[int | None, int | None]] = {
    # other processes
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "pidfd_getfd": (438, 438), "process_madvise": (440, 440), "process_mrelease": (448, 448),
    # wide or young kernel surface
    "perf_event_open": (298, 241), "bpf": (321, 280), "userfaultfd": (323, 282), "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "vmsplice": (278, 75),
    "modify_ldt": (154, None), "remap_file_pages": (216, 234), "uselib": (134, None), "ustat": (136, None),
    "sysfs": (139, None), "_sysctl": (156, None), "lookup_dcookie": (212, 18), "nfsservctl": (180, 42),
    "create_module": (174, None), "query_module": (178, None), "get_kernel_syms": (177, None),
    "memfd_secret": (447, 447), "cachestat": (451, 451),
    # namespaces, mounts, roots, device nodes
    "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41),
    "chroot": (161, 51), "fsopen": (430, 430), "fsconfig": (431, 431), "fsmount": (432, 432),
    "fspick": (433, 433), "open_tree": (428, 428), "move_mount": (429, 429), "mount_setattr": (442, 442),
    "statmount": (457, 457), "listmount": (458, 458),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265), "quotactl": (179, 60),
    "quotactl_fd": (443, 443), "swapon": (167, 224), "swapoff": (168, 225), "acct": (163, 89),
    # the machine
    "reboot": (169, 142), "kexec_load": (246, 104), "kexec_file_load": (320, 294), "init_module": (175, 105),
    "finit_module": (313, 273), "delete_module": (176, 106), "iopl": (172, None), "ioperm": (173, None),
    "settimeofday": (164, 170), "clock_settime": (227, 112), "clock_adjtime": (305, 266), "adjtimex": (159, 171),
    "syslog": (103, 116), "vhangup": (153, 58), "sethostname": (170, 161), "setdomainname": (171, 162),
    "move_pages": (279, 239), "migrate_pages": (256, 238), "mbind": (237, 235), "set_mempolicy": (238, 237),
    "set_mempolicy_home_node": (450, 450),
    # channels between sessions, and what would outlive one
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219), "shmget": (29, 194),
    "shmat": (30, 196), "shmctl": (31, 195), "shmdt": (67, 197), "msgget": (68, 186), "msgsnd": (69, 189),
    "msgrcv": (70, 188), "msgctl": (71, 187), "semget": (64, 190), "semop": (65, 193), "semctl": (66, 191),
    "semtimedop": (220, 192), "mq_open": (240, 180), "mq_unlink": (241, 181), "mq_timedsend": (242, 182),
    "mq_timedreceive": (243, 183), "mq_notify": (244, 184), "mq_getsetattr": (245, 185),
    "fanotify_init": (300, 262), "fanotify_mark": (301, 263), "inotify_add_watch": (254, 27),
}  # fmt: skip

#: Refused with an error that programs know how to go on from.
OTHERWISE: dict[str, tuple[int | None, int | None, int]] = {
    # Its flags lie in memory, where a filter can't look; the C library then uses clone, whose flags it can.
    "clone3": (435, 435, errno.ENOSYS),
    # A lock on a file that all sessions can read tells one session of another.
    "flock": (73, 32, errno.ENOLCK),
}
#: The newest call that was looked at; any later one does not exist for user code. (mseal, kernel 6.10.)
NEWEST = 462

_CALLS = {  # filtered by argument
    "socket": (41, 198), "socketpair": (53, 199), "clone": (56, 220), "ioctl": (16, 29), "prctl": (157, 167),
    "fcntl": (72, 25), "personality": (135, 92),
}  # fmt: skip
#: Calls that may name another process, and in which argument; allowed on oneself, which is 0.
_ON_ONESELF = {
    "prlimit64": (302, 261, 0), "setpriority": (141, 140, 1), "ioprio_set": (251, 30, 1),
    "sched_setaffinity": (203, 122, 0), "sched_setscheduler": (144, 119, 0), "sched_setparam": (142, 118, 0),
    "sched_setattr": (314, 274, 0),
}  # fmt: skip
_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_X32_BIT = 0x40000000
#: NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET.
_CLONE_NEW = 0x7E020000
#: Pushing characters into a terminal; the virtual console's version; F_SETLEASE and F_NOTIFY watch others.
_IOCTLS = (0x5412, 0x541C)
_FCNTLS = (5, 36, 1024, 1026)  # F_GETLK, F_OFD_GETLK, F_SETLEASE, F_NOTIFY
_PRCTLS = (kernel.PR_SET_CHILD_SUBREAPER,)
_AF_UNIX, _AF_INET, _AF_INET6 = 1, 2, 10
_SOCK_DGRAM = 2
_CONNECT = (42, 203)
#: The plain personality, and asking for the present one.
_PERSONALITIES = (0, 0xFFFFFFFF)

_LOAD, _AND, _JUMP_EQUAL, _JUMP_ABOVE, _JUMP_SET, _RETURN = 0x20, 0x54, 0x15, 0x25, 0x45, 0x06
_NR, _ARCH, _ARGUMENTS = 0, 4, 16
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000


class _Assembler:
    """Instructions whose jumps name the error they return; the returns are put behind the last one."""

    def __init__(self) -> None:
        self._code: list[tuple[int, int, object, object]] = []

    def load(self, offset: int) -> None:
        self._code.append((_LOAD, offset, 0, 0))

    def mask(self, bits: int) -> None:
        self._code.append((_AND, bits, 0, 0))

    def refuse_if(self, jump: int, value: int, error: int) -> None:
        self._code.append((jump, value, ("errno", error), 0))

    def refuse_unless(self, value: int, error: int) -> None:
        self._code.append((_JUMP_EQUAL, value, 0, ("errno", error)))

    def skip_unless(self, value: int, count: int) -> None:
        self._code.append((_JUMP_EQUAL, value, 0, count))

    def skip_if(self, value: int, count: int) -> None:
        self._code.append((_JUMP_EQUAL, value, count, 0))

    def give(self, result: int) -> None:
        self._code.append((_RETURN, result, 0, 0))

    def bytes(self) -> bytes:
        errors = sorted({t[1] for _, _, *jumps in self._code for t in jumps if isinstance(t, tuple)})
        end = len(self._code)
        target = {("errno", e): end + i for i, e in enumerate(errors)}
        out = []
        for at, (operation, value, yes, no) in enumerate(self._code):
            steps = [target[t] - at - 1 if isinstance(t, tuple) else t for t in (yes, no)]
            # struct refuses a jump that does not fit its byte.
            out.append(struct.pack("=HBBI", operation, steps[0], steps[1], value))
        out += [struct.pack("=HBBI", _RETURN, 0, 0, _ERRNO | e) for e in errors]
        return b"".join(out)


def compile_filter(machine: str = kernel.MACHINE, egress: bool = False, local: bool = True) -> bytes | None:
    """The filter for ``machine``, or None for an architecture without a table.

    Args:
        machine: ``x86_64`` or ``aarch64``.
        egress: also allow IPv4 and IPv6 sockets.
        local: allow reaching other processes' Unix sockets. Without a root of its own a worker could call on the
            server's by their path, which Landlock does not prevent; pairs and pipes work either way.
    """
    if machine not in _ARCHITECTURES:
        return None
    column, audit = _ARCHITECTURES[machine]
    code = _Assembler()
    code.load(_ARCH)
    # 32-bit calls have numbers of their own: none of them is let through.
    code.refuse_unless(audit, errno.ENOSYS)
    code.load(_NR)
    if machine == "x86_64":
        code.refuse_if(_JUMP_SET, _X32_BIT, errno.ENOSYS)
    code.refuse_if(_JUMP_ABOVE, NEWEST, errno.ENOSYS)
    _arguments(code, column, egress, local or egress)
    if not (local or egress):
        code.refuse_if(_JUMP_EQUAL, _CONNECT[column], errno.EPERM)
    for numbers in DENIED.values():
        if numbers[column] is not None:
            code.refuse_if(_JUMP_EQUAL, numbers[column], errno.EPERM)
    for numbers in OTHERWISE.values():
        code.refuse_if(_JUMP_EQUAL, numbers[column], numbers[2])
    code.give(_ALLOW)
    return code.bytes()


def _arguments(code: _Assembler, column: int, egress: bool, local: bool) -> None:
    """Calls decided by an argument; each block loads it and returns, so what follows has the number loaded."""

    def block(call: str, argument: int, body: list) -> None:
        numbers = _ON_ONESELF.get(call) or _CALLS[call]
        code.skip_unless(numbers[column], len(body) + 2)
        code.load(_ARGUMENTS + 8 * argument)
        for step in body:
            step()
        code.give(_ALLOW)

    def refuse(jump: int, value: int, error: int = errno.EPERM):
        return lambda: code.refuse_if(jump, value, error)

    families = (_AF_INET, _AF_INET6) if egress else ()
    accepted = [lambda f=f, n=n: code.skip_if(f, n) for n, f in zip(range(len(families), 0, -1), families)]
    only_unix = [*accepted, lambda: code.refuse_unless(_AF_UNIX, errno.EAFNOSUPPORT)]
    # A datagram socket needs no connect to send to a name.
    no_datagrams = [
        lambda: code.load(_ARGUMENTS + 8),
        lambda: code.mask(0xF),
        refuse(_JUMP_EQUAL, _SOCK_DGRAM),
    ]
    further = [] if local else no_datagrams
    block("socket", 0, [*only_unix, *further])
    block("socketpair", 0, [lambda: code.refuse_unless(_AF_UNIX, errno.EAFNOSUPPORT), *further])
    block("clone", 0, [refuse(_JUMP_SET, _CLONE_NEW)])
    block("ioctl", 1, [refuse(_JUMP_EQUAL, request) for request in _IOCTLS])
    block("fcntl", 1, [refuse(_JUMP_EQUAL, request) for request in _FCNTLS])
    block("prctl", 0, [refuse(_JUMP_EQUAL, option) for option in _PRCTLS])
    for call, (_, _, argument) in _ON_ONESELF.items():
        block(call, argument, [lambda: code.refuse_unless(0, errno.EPERM)])
    block(
        "personality",
        0,
        [
            lambda: code.skip_if(_PERSONALITIES[0], 1),
            lambda: code.refuse_unless(_PERSONALITIES[1], errno.EPERM),
        ],
    )


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]


def install(program: bytes) -> None:
    """Lays the compiled filter upon the calling thread and all it starts, for good.

    Raises:
        OSError: refused; ``PR_SET_NO_NEW_PRIVS`` must have been set before.
    """
    buffer = ctypes.create_string_buffer(program, len(program))
    value = _Program(len(program) // 8, ctypes.addressof(buffer))
    kernel.prctl(22, 2, ctypes.addressof(value))  # PR_SET_SECCOMP, SECCOMP_MODE_FILTER
