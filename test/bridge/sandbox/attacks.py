# SPDX-License-Identifier: GPL-2.0-or-later
"""What a hostile reader would try, each attempt a function that does the forbidden thing for real.

The text of this file is run as user code in a worker. An attempt that returns None got what it wanted: its verdict is
``ALLOWED``. One that raises OSError was refused, with the name of the error as its verdict. One that returns a text
gives its own verdict. Traffic goes only to the loopback listener named in the facts, signals to others are number 0
or SIGURG, which nobody minds, and every loop is bounded.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import mmap
import os
import platform
import pty
import resource
import signal
import socket
import struct
import subprocess
import sys
import time

libc = ctypes.CDLL(None, use_errno=True)
X86 = platform.machine() == "x86_64"
GENERIC = {
    "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "umount2": (166, 39), "chroot": (161, 51),
    "pivot_root": (155, 41), "clone": (56, 220), "clone3": (435, 435), "ptrace": (101, 117), "bpf": (321, 280),
    "process_vm_readv": (310, 270), "perf_event_open": (298, 241), "userfaultfd": (323, 282), "keyctl": (250, 219),
    "add_key": (248, 217), "io_uring_setup": (425, 425), "init_module": (175, 105), "kexec_load": (246, 104),
    "reboot": (169, 142), "open_by_handle_at": (304, 265), "quotactl": (179, 60), "fanotify_init": (300, 262),
    "inotify_add_watch": (254, 27), "shmget": (29, 194), "msgget": (68, 186), "semget": (64, 190),
    "mq_open": (240, 180), "memfd_secret": (447, 447), "personality": (135, 92), "kcmp": (312, 272),
    "pidfd_getfd": (438, 438), "settimeofday": (164, 170), "syslog": (103, 116), "swapon": (167, 224),
    "sethostname": (170, 161), "unknown": (467, 467), "fsopen": (430, 430), "open_tree": (428, 428),
    "prctl": (157, 167), "capset": (126, 91), "move_mount": (429, 429),
}  # fmt: skip

PROBES = {}
HEAVY = {}


def probe(function):
    PROBES[function.__name__] = function
    return function


def heavy(function):
    HEAVY[function.__name__] = function
    return function


def call(name, *arguments):
    number = GENERIC[name][0 if X86 else 1]
    result = libc.syscall(ctypes.c_long(number), *(ctypes.c_long(a) if isinstance(a, int) else a for a in arguments))
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def write(path):
    with open(path, "a") as file:
        file.write("x")


def read(path):
    with open(path, "rb") as file:
        file.read(16)


# -- writing -----------------------------------------------------------------------------------------------------


def _writes(name, path):
    def attempt(facts):
        where = path(facts) if callable(path) else path
        if where.startswith("/tmp/evil"):
            write(where)
            return None if facts["mounted"] is False else "private"
        write(where)

    PROBES[name] = attempt


_writes("write_etc", "/etc/evil")
_writes("write_usr", "/usr/evil")
_writes("write_var", "/var/tmp2-evil")
_writes("write_root_directory", "/evil")
_writes("write_sage", lambda facts: os.path.join(sys.prefix, "evil"))
_writes("write_python", lambda facts: os.path.join(os.path.dirname(os.__file__), "evil.py"))
_writes("write_server_source", lambda facts: facts["source"])
_writes("write_shared_tmp", "/tmp/evil-of-a-session")
_writes("write_kernel_setting", "/proc/sys/kernel/core_pattern")
_writes("write_hostname_setting", "/proc/sys/kernel/hostname")
_writes("write_sysrq", "/proc/sysrq-trigger")
_writes("write_dev", "/dev/evil")
_writes("write_control_groups", "/sys/fs/cgroup/evil")
_writes("write_siblings_directory", lambda facts: os.path.join(facts["sibling_directory"], "evil"))


@probe
def write_shared_memory(facts):
    write("/dev/shm/evil-of-a-session")
    os.unlink("/dev/shm/evil-of-a-session")
    return "private" if facts["mounted"] else None


@probe
def list_shared_memory(facts):
    return None if [n for n in os.listdir("/dev/shm") if n != "evil-of-a-session"] else "private"


@probe
def write_bridge_directory(facts):
    write(os.path.join(facts["base"], "evil"))
    return "private" if facts["mounted"] else None


@probe
def list_bridge_directory(facts):
    return None if os.path.basename(facts["sibling_directory"]) in os.listdir(facts["base"]) else "private"


@probe
def truncate_passwd(facts):
    os.truncate("/etc/passwd", os.stat("/etc/passwd").st_size)


@probe
def chmod_usr(facts):
    os.chmod("/usr/bin/env", 0o755)


@probe
def rename_into_siblings_directory(facts):
    write("mine")
    os.rename("mine", os.path.join(facts["sibling_directory"], "evil"))


@probe
def hard_link_passwd(facts):
    os.link("/etc/passwd", "passwd-link")


@probe
def make_device(facts):
    os.mknod("device", 0o600 | 0o060000, os.makedev(254, 0))


@probe
def give_file_away(facts):
    write("gift")
    os.chown("gift", 0, 0)


# -- reading -----------------------------------------------------------------------------------------------------


def _reads(name, path):
    def attempt(facts):
        where = path(facts) if callable(path) else path
        if where.endswith("/"):
            os.listdir(where)
        else:
            read(where)

    PROBES[name] = attempt


_reads("read_shadow", "/etc/shadow")
_reads("read_ssh_keys", "/etc/ssh/")
_reads("list_root_directory", "/")
_reads("list_home_of_root", "/root/")
_reads("list_home", "/home/")
_reads("list_srv", "/srv/")
_reads("list_logs", "/var/log/")
_reads("read_server_source", lambda facts: facts["source"])
_reads("read_world_readable_secret", lambda facts: facts["secret_file"])
_reads("read_siblings_file", lambda facts: os.path.join(facts["sibling_directory"], "public.txt"))
_reads("read_siblings_environment", lambda facts: f"/proc/{facts['sibling']}/environ")
_reads("read_siblings_memory", lambda facts: f"/proc/{facts['sibling']}/mem")
_reads("read_siblings_maps", lambda facts: f"/proc/{facts['sibling']}/maps")
_reads("list_siblings_descriptors", lambda facts: f"/proc/{facts['sibling']}/fd/")
_reads("walk_through_siblings_root", lambda facts: f"/proc/{facts['sibling']}/root/etc/passwd")
_reads("walk_through_siblings_cwd", lambda facts: f"/proc/{facts['sibling']}/cwd/public.txt")
_reads("read_zygotes_environment", lambda facts: f"/proc/{facts['zygote']}/environ")
_reads("read_zygotes_memory", lambda facts: f"/proc/{facts['zygote']}/mem")
_reads("read_supervisors_environment", lambda facts: f"/proc/{facts['supervisor']}/environ")
_reads("read_kernel_memory", "/proc/kcore")
_reads("read_disk", "/dev/vda")
_reads("read_physical_memory", "/dev/mem")
_reads("read_kernel_log", "/dev/kmsg")
_reads("read_first_process_environment", "/proc/1/environ")


@probe
def read_shadow_by_link(facts):
    os.symlink("/etc/shadow", "link")
    read("link")


@probe
def count_processes(facts):
    seen = [name for name in os.listdir("/proc") if name.isdigit()]
    return None if len(seen) > 8 else "only its own"


@probe
def secrets_in_environment(facts):
    text = repr(dict(os.environ)).encode()
    for path in ("/proc/self/environ", "/proc/thread-self/environ"):
        try:
            with open(path, "rb") as file:
                text += file.read()
        except OSError:
            continue
    return None if facts["canary"].encode() in text else "absent"


@probe
def secrets_in_memory(facts):
    # Assembled here, so that this text's own copy is not found.
    wanted = facts["canary"][::-1].encode()[::-1]
    libc.prctl(4, 1, 0, 0, 0)
    hits = size = 0
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
        for line in maps:
            (
                span,
                flags,
                *_,
            ) = line.split()[:2]
            low, high = (int(x, 16) for x in span.split("-"))
            if "[stack]" in line and flags[0] == "r" and high - low < 1 << 24:
                memory.seek(low)
                data = memory.read(high - low)
                size += len(data)
                # The initial environment and arguments lie at the stack's end.
                hits += wanted in data[-65_536:]
    return None if hits else "absent"


@probe
def inherited_descriptors(facts):
    listed = os.listdir("/proc/self/fd")
    open_ones = [d for d in listed if os.path.lexists(f"/proc/self/fd/{d}")]
    extra = [d for d in open_ones if int(d) > 2 and not os.readlink(f"/proc/self/fd/{d}").startswith("socket:")]
    sockets = [d for d in open_ones if int(d) > 2 and os.readlink(f"/proc/self/fd/{d}").startswith("socket:")]
    return None if extra or len(sockets) > 1 else "only the channel"


# -- network -----------------------------------------------------------------------------------------------------


def _sockets(name, family, kind, protocol=0):
    def attempt(facts):
        socket.socket(family, kind, protocol).close()

    PROBES[name] = attempt


_sockets("socket_ipv6", 10, 1)
_sockets("socket_netlink", 16, 3)
_sockets("socket_packet", 17, 3)
_sockets("socket_vsock", 40, 1)
_sockets("socket_crypto", 38, 5)
_sockets("socket_bluetooth", 31, 3)
_sockets("socket_raw", 2, 3, 1)
_sockets("socket_multipath_tcp", 2, 1, 262)


@probe
def connect_tcp(facts):
    socket.create_connection(("127.0.0.1", facts["tcp"]), 2).close()


@probe
def send_udp(facts):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.sendto(b"x", ("127.0.0.1", facts["udp"]))


@probe
def listen_tcp(facts):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen()


@probe
def fetch_url(facts):
    import urllib.error
    import urllib.request

    try:
        urllib.request.urlopen(f"http://127.0.0.1:{facts['tcp']}/", timeout=2)
    except urllib.error.URLError as error:
        if isinstance(error.reason, OSError):
            raise error.reason from None
        raise


@probe
def servers_path_socket(facts):
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(facts["path_socket"])


@probe
def servers_path_socket_by_datagram(facts):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.sendto(b"x", facts["path_datagram"])


@probe
def siblings_abstract_socket(facts):
    with socket.socket(socket.AF_UNIX) as s:
        s.connect("\0" + facts["abstract"])


@probe
def servers_abstract_socket(facts):
    with socket.socket(socket.AF_UNIX) as s:
        s.connect("\0" + facts["servers_abstract"])


# -- other processes ---------------------------------------------------------------------------------------------


@probe
def signal_sibling(facts):
    os.kill(facts["sibling"], 0)


@probe
def signal_zygote(facts):
    os.kill(facts["zygote"], 0)


@probe
def signal_supervisor(facts):
    os.kill(facts["supervisor"], 0)


@probe
def signal_keeper(facts):
    os.kill(facts["keeper"], 0)


@probe
def signal_everyone(facts):
    # The answer says nothing when everybody refused; the sibling counts what reaches it.
    os.kill(-1, signal.SIGURG)
    return "sent"


@probe
def signal_by_pidfd(facts):
    descriptor = os.pidfd_open(facts["sibling"])
    try:
        signal.pidfd_send_signal(descriptor, 0)
    finally:
        os.close(descriptor)


@probe
def signal_by_file_owner(facts):
    fcntl.fcntl(0, fcntl.F_GETFD)
    receive, send = os.pipe()
    fcntl.fcntl(receive, fcntl.F_SETOWN, facts["sibling"])
    # Asked only whether it may be set; what it would send is ignored by default.
    fcntl.fcntl(receive, 10, signal.SIGURG)
    owner = fcntl.fcntl(receive, fcntl.F_GETOWN)
    fcntl.fcntl(receive, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
    os.write(send, b"x")
    os.close(receive)
    os.close(send)
    # Delivery is what counts, and the sibling counted.
    return "sent" if owner == facts["sibling"] else "no such owner"


@probe
def ptrace_sibling(facts):
    call("ptrace", 16, facts["sibling"], 0, 0)


@probe
def ptrace_zygote(facts):
    call("ptrace", 0x4206, facts["zygote"], 0, 0)


@probe
def read_siblings_memory_by_call(facts):
    call("process_vm_readv", facts["sibling"], 0, 0, 0, 0, 0)


@probe
def compare_with_sibling(facts):
    call("kcmp", os.getpid(), facts["sibling"], 0, 0, 1)


@probe
def steal_siblings_descriptor(facts):
    descriptor = os.pidfd_open(facts["sibling"])
    try:
        os.close(call("pidfd_getfd", descriptor, 1, 0))
    finally:
        os.close(descriptor)


@probe
def limit_sibling(facts):
    resource.prlimit(facts["sibling"], resource.RLIMIT_CPU)
    resource.prlimit(facts["sibling"], resource.RLIMIT_MSGQUEUE, (0, 0))


@probe
def slow_sibling_down(facts):
    os.setpriority(os.PRIO_PROCESS, facts["sibling"], os.getpriority(os.PRIO_PROCESS, facts["sibling"]))


@probe
def pin_sibling(facts):
    os.sched_setaffinity(facts["sibling"], {0, 1})


# -- namespaces and mounts ---------------------------------------------------------------------------------------


def _calls(name, number, *arguments):
    PROBES[name] = lambda facts: call(number, *arguments) and None


for _name, _flag in (("user", 0x10000000), ("mount", 0x20000), ("pid", 0x20000000), ("network", 0x40000000)):
    _calls(f"unshare_{_name}", "unshare", _flag)


@probe
def clone_user_namespace(facts):
    pid = call("clone", 0x10000000 | signal.SIGCHLD, 0, 0, 0, 0)
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


@probe
def clone3(facts):
    arguments = (ctypes.c_uint64 * 11)(0x10000000, 0, 0, 0, signal.SIGCHLD)
    pid = call("clone3", ctypes.byref(arguments), 88)
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


@probe
def join_namespace(facts):
    descriptor = os.open("/proc/self/ns/net", os.O_RDONLY)
    try:
        call("setns", descriptor, 0)
    finally:
        os.close(descriptor)


_calls("mount_tmpfs", "mount", b"none", b"/tmp", b"tmpfs", 0, 0)
_calls("unmount", "umount2", b"/tmp", 2)
_calls("chroot", "chroot", b"/tmp")
_calls("pivot_root", "pivot_root", b"/tmp", b"/tmp")
_calls("open_file_system", "fsopen", b"tmpfs", 0)
_calls("open_tree", "open_tree", -100, b"/tmp", 1)
_calls("set_host_name", "sethostname", b"evil", 4)

# -- the kernel --------------------------------------------------------------------------------------------------

_calls("io_uring", "io_uring_setup", 1, ctypes.create_string_buffer(120))
_calls("bpf", "bpf", 0, ctypes.create_string_buffer(72), 72)
_calls("perf_events", "perf_event_open", ctypes.create_string_buffer(b"\0\0\0\0\x70", 112), 0, -1, -1, 0)
_calls("userfaultfd", "userfaultfd", 1)
_calls("keyring", "keyctl", 0, -3, 1)
_calls("add_key", "add_key", b"user", b"k", b"v", 1, -3)
_calls("load_module", "init_module", 0, 0, b"")
_calls("kexec", "kexec_load", 0, 0, 0, 0)
_calls("reboot_with_wrong_magic", "reboot", 0, 0, 0, 0)
_calls("open_by_handle", "open_by_handle_at", -100, ctypes.create_string_buffer(16), 0)
_calls("quota", "quotactl", 0, 0, 0, 0)
_calls("fanotify", "fanotify_init", 0, 0)
_calls("set_clock", "settimeofday", 0, 0)
_calls("kernel_log", "syslog", 3, ctypes.create_string_buffer(64), 64)
_calls("swap_on", "swapon", b"/tmp/none", 0)
_calls("secret_memory", "memfd_secret", 0)
_calls("no_address_randomisation", "personality", 0x0040000)
_calls("call_of_a_later_kernel", "unknown", 0, 0, 0, 0)


@probe
def watch_shared_files(facts):
    descriptor = libc.inotify_init1(0)
    try:
        call("inotify_add_watch", descriptor, b"/usr/lib", 0x20)
    finally:
        os.close(descriptor)


@probe
def call_by_x32_number(facts):
    if not X86:
        return "no such numbers"
    if libc.syscall(ctypes.c_long(0x40000000 + 39)) < 0:
        raise OSError(ctypes.get_errno(), "")


@probe
def call_by_i386_number(facts):
    if not X86:
        return "no such numbers"
    # push rbx; mov eax, 20 (getpid); int 0x80; pop rbx; ret
    area = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    area.write(b"\x53\xb8\x14\x00\x00\x00\xcd\x80\x5b\xc3")
    result = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(area)))()
    if result < 0:
        raise OSError(-result, "")


# -- between sessions --------------------------------------------------------------------------------------------

_calls("shared_memory_segment", "shmget", 0x5A6E, 4096, 0o1666)
_calls("message_queue", "msgget", 0x5A6E, 0o1666)
_calls("semaphore_set", "semget", 0x5A6E, 1, 0o1666)
_calls("posix_message_queue", "mq_open", b"evil", 0o102, 0o600, 0)


@probe
def lock_shared_file(facts):
    with open("/etc/passwd") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


@probe
def ask_for_locks_on_shared_file(facts):
    with open("/etc/passwd") as file:
        fcntl.fcntl(file, 5, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0))


@probe
def lease_on_shared_file(facts):
    with open("/etc/passwd") as file:
        fcntl.fcntl(file, 1024, 0)


# -- privilege ---------------------------------------------------------------------------------------------------


@probe
def become_root(facts):
    os.setresuid(0, 0, 0)


@probe
def become_roots_group(facts):
    os.setresgid(0, 0, 0)


@probe
def capabilities(facts):
    with open("/proc/self/status") as file:
        sets = dict(line.split(":", 1) for line in file if line.startswith("Cap"))
    empty = all(int(sets[name], 16) == 0 for name in ("CapInh", "CapPrm", "CapEff", "CapAmb"))
    return "none" if empty else None


@probe
def set_uid_program(facts):
    out = subprocess.run(["/bin/su", "-c", "id"], input=b"", capture_output=True, timeout=10)
    return None if b"uid=0" in out.stdout else "no gain"


@probe
def set_uid_copy(facts):
    import shutil

    shutil.copy("/usr/bin/id", "id")
    os.chmod("id", 0o4755)
    out = subprocess.run(["./id", "-u"], capture_output=True, timeout=10).stdout.decode().strip()
    return "no gain" if out == str(os.getuid()) else None


@probe
def push_into_terminal(facts):
    master, slave = pty.openpty()
    try:
        fcntl.ioctl(slave, 0x5412, b"x")
    finally:
        os.close(master)
        os.close(slave)


@probe
def raise_a_limit(facts):
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard * 2, hard * 2))
    except ValueError:
        return "refused"


@probe
def dump_core(facts):
    return None if resource.getrlimit(resource.RLIMIT_CORE)[1] else "limit 0"


@probe
def stop_being_subreaper(facts):
    call("prctl", 36, 0, 0, 0, 0)


@probe
def spare_oneself_from_memory_killer(facts):
    with open("/proc/self/oom_score_adj", "w") as file:
        file.write("-1000")


# -- too much ----------------------------------------------------------------------------------------------------


@heavy
def fork_bomb(facts):
    children = []
    refused = False
    for _ in range(300):
        try:
            pid = os.fork()
        except OSError as error:
            refused = error.errno == errno.EAGAIN
            break
        if pid == 0:
            time.sleep(5)
            os._exit(0)
        children.append(pid)
    for pid in children:
        os.kill(pid, signal.SIGKILL)
    for pid in children:
        os.waitpid(pid, 0)
    return f"stopped at {'64 or fewer' if len(children) <= 64 else len(children)}" if refused else None


@heavy
def thread_bomb(facts):
    import threading

    stop = threading.Event()
    threads = []
    try:
        for _ in range(300):
            thread = threading.Thread(target=stop.wait, args=(5,), daemon=True)
            thread.start()
            threads.append(thread)
    except RuntimeError:
        return "stopped"
    finally:
        stop.set()
        for thread in threads:
            thread.join(5)


@heavy
def eight_gigabytes(facts):
    try:
        bytearray(8 << 30)
    except MemoryError:
        return "MemoryError"


@heavy
def large_file(facts):
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        with open("large", "wb") as file:
            for _ in range(80):
                file.write(b"x" * (1 << 20))
    finally:
        os.unlink("large")


@heavy
def sparse_file(facts):
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        with open("sparse", "wb") as file:
            file.truncate(1 << 40)
    finally:
        os.unlink("sparse")


@heavy
def fill_disk(facts):
    names = [f"fill{i}" for i in range(9)]
    try:
        for name in names:
            with open(name, "wb") as file:
                for _ in range(8):
                    file.write(b"x" * (1 << 20))
    finally:
        for name in names:
            if os.path.exists(name):
                os.unlink(name)


@heavy
def many_files(facts):
    made = []
    try:
        for number in range(2_200):
            name = f"empty{number}"
            os.close(os.open(name, os.O_CREAT | os.O_WRONLY, 0o600))
            made.append(name)
    finally:
        for name in made:
            os.unlink(name)


@heavy
def many_descriptors(facts):
    opened = []
    try:
        for _ in range(1_100):
            opened.append(os.open("/dev/null", os.O_RDONLY))
    finally:
        for descriptor in opened:
            os.close(descriptor)


def verdicts(facts, which):
    found = {}
    for name, attempt in which.items():
        try:
            verdict = attempt(facts)
            found[name] = "ALLOWED" if verdict is None else verdict
        except OSError as error:
            found[name] = errno.errorcode.get(error.errno, f"OSError {error}")
        except Exception as error:
            found[name] = f"BROKEN {type(error).__name__}: {error}"
    return found
