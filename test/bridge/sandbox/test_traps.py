# SPDX-License-Identifier: GPL-2.0-or-later
"""Each mistake that a sandbox for Sage is known to make, as a test that it is not made here."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import textwrap

import pytest
from conftest import CANARY, HERE, ROOT, become_unprivileged, linux
from sage_bridge import sandbox
from sage_bridge.sandbox import rlimits

pytestmark = linux
PACKAGE = os.path.dirname(sandbox.__file__)


def test_trap_1_null_device_works_and_only_scratch_file_systems_refuse_devices(colony, worker):
    result = colony.run(
        worker,
        "open('/dev/null', 'w').write('x')\n"
        "assert open('/dev/zero', 'rb').read(2) == bytes(2) and open('/dev/urandom', 'rb').read(2)\n"
        "result = {l.split()[4]: l.split()[5] for l in open('/proc/self/mountinfo')}",
    )
    if colony.level != "floor":
        assert "nodev" in result["/tmp"]
        assert "nosuid" in result["/tmp"]
        assert "nodev" not in result["/dev/null"]
        assert result["/usr"].startswith("ro,nosuid")


def test_trap_2_terminals_can_be_opened_and_controlled(colony, worker):
    code = """
        import fcntl, os, pty, struct, termios
        pid, master = pty.fork()
        if pid == 0:
            os.execvp("sh", ["sh", "-c", "tty; stty size"])
        fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 7, 9, 0, 0))
        text = b""
        for _ in range(100):
            try:
                text += os.read(master, 100)
            except OSError:
                break
        os.waitpid(pid, 0)
        result = text.decode()
    """
    assert "/dev/pts/" in colony.run(worker, textwrap.dedent(code))


def test_trap_3_a_large_template_leaves_its_forks_room_to_load_libraries():
    code = """
        import ctypes, mmap, resource, sys
        from sage_bridge.sandbox import rlimits
        template = mmap.mmap(-1, 6 << 30, flags=mmap.MAP_PRIVATE | 0x4000, prot=mmap.PROT_READ)
        limits = rlimits.table(1 << 30, 64, 256, 64 << 20)
        rlimits.apply(limits)
        import sqlite3, decimal, bz2, lzma
        bytearray(512 << 20)
        try:
            bytearray(8 << 30)
        except MemoryError:
            print("bounded", resource.getrlimit(resource.RLIMIT_AS)[0] > 7 << 30)
    """
    out = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env={**os.environ, "PYTHONPATH": os.path.join(PACKAGE, "..", "..")},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert out.stdout.split() == ["bounded", "True"], out.stderr


def test_trap_4_a_file_may_be_as_large_as_a_saved_workspace(colony, worker):
    assert rlimits.FILE_BYTES >= 64 << 20
    assert colony.run(worker, "result = open('workspace', 'wb').write(bytes(48 << 20))") == 48 << 20


def test_trap_5_directories_remembered_at_import_exist_in_every_worker(colony, worker):
    home = os.path.join(colony.about["base"], "home")
    result = colony.run(
        worker,
        f"import os\nbefore = os.getcwd()\nos.chdir({home!r})\nos.chdir({colony.about['base']!r})\n"
        "os.chdir(before)\nopen('mine', 'w').close()\n"
        "result = [before, os.environ['HOME'], os.environ['TMPDIR'], os.path.isdir(os.environ['DOT_SAGE'])]",
    )
    directory = os.path.join(colony.about["base"], worker)
    assert result == [directory, directory, directory, True]


def test_trap_6_a_worker_does_not_ask_to_die_with_the_zygote(colony, worker):
    code = "import ctypes\nv = ctypes.c_int(-1)\nctypes.CDLL(None).prctl(2, ctypes.byref(v), 0, 0, 0)\nresult = v.value"
    assert colony.run(worker, code) == 0


def test_trap_7_a_session_full_of_processes_starves_no_other(colony, worker):
    layers = {layer["name"]: layer for layer in colony.about["plan"]["layers"]}
    colony.ask("fork", name="full")
    colony.run(
        "full",
        "import os, time\nchildren = []\nfor _ in range(100):\n    try:\n        pid = os.fork()\n"
        "    except OSError:\n        break\n    if pid == 0:\n        time.sleep(8)\n        os._exit(0)\n"
        "    children.append(pid)\nresult = len(children)",
    )
    try:
        code = "import subprocess\nresult = subprocess.run(['true']).returncode"
        if colony.level == "floor":
            assert "together" in layers["rlimits"]["reason"]
        else:
            assert colony.run(worker, code) == 0
    finally:
        assert colony.ask("kill", name="full")["survivors"] == 0
    assert colony.run(worker, "import subprocess\nresult = subprocess.run(['true']).returncode") == 0


def test_trap_8_forks_draw_different_random_numbers(colony):
    drawn = []
    for number in range(8):
        colony.ask("fork", name=f"random{number}")
        code = (
            "import ctypes, random, tempfile, uuid\nlibc = ctypes.CDLL(None)\n"
            "result = [random.getrandbits(64), libc.random(), libc.lrand48(), uuid.uuid4().hex,"
            " next(tempfile._get_candidate_names())]"
        )
        drawn.append(colony.run(f"random{number}", code))
        colony.ask("kill", name=f"random{number}")
    for column in zip(*drawn):
        assert len(set(column)) == 8


def test_trap_9_the_zygote_is_started_in_a_clean_environment(colony):
    environment = sandbox.zygote_environment("/tmp/home", {"PATH": "/bin", "RELAY_KEY": CANARY, "PASSWORD": CANARY})
    assert CANARY not in repr(environment)
    assert environment["OPENBLAS_NUM_THREADS"] == environment["OMP_NUM_THREADS"] == "1"
    if ROOT:
        with open(f"/proc/{colony.pid}/environ", "rb") as file:
            assert CANARY.encode() in file.read()
        for who in ("zygote", "keeper"):
            with open(f"/proc/{colony.about[who]}/environ", "rb") as file:
                assert CANARY.encode() not in file.read()


def test_trap_10_no_system_v_object_can_be_made_that_would_outlive_the_session(colony, worker):
    code = (
        "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        "result = [libc.shmget(0, 4096, 0o1666), libc.msgget(0, 0o1666), libc.semget(0, 1, 0o1666), ctypes.get_errno()]"
    )
    assert colony.run(worker, code) == [-1, -1, -1, 1]


def test_trap_11_multipath_tcp_is_no_way_round(colony, worker):
    answer = colony.ask("run", name=worker, code="import socket; socket.socket(2, 1, 262)")
    assert answer["errno"] == 97


def test_trap_12_nothing_in_the_package_can_unpickle():
    forbidden = {"pickle", "marshal", "shelve", "multiprocessing", "cloudpickle", "dill"}
    for name in os.listdir(PACKAGE):
        if name.endswith(".py"):
            with open(os.path.join(PACKAGE, name), encoding="utf-8") as file:
                tree = ast.parse(file.read())
            for node in ast.walk(tree):
                if isinstance(node, ast.Import):
                    assert not {alias.name.split(".")[0] for alias in node.names} & forbidden, name
                if isinstance(node, ast.ImportFrom):
                    assert (node.module or "").split(".")[0] not in forbidden, name


def test_trap_13_measuring_a_directory_follows_no_link_and_opens_no_fifo(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").write_bytes(bytes(100_000))
    os.link(tmp_path / "mine" / "file", tmp_path / "mine" / "again")
    os.symlink("/", tmp_path / "mine" / "everything")
    os.symlink(tmp_path, tmp_path / "mine" / "loop")
    os.mkfifo(tmp_path / "mine" / "fifo")
    found = sandbox.usage(str(tmp_path / "mine"))
    assert found.complete
    assert found.files == 5
    assert 100_000 <= found.bytes < 200_000
    os.symlink(tmp_path / "mine", tmp_path / "link")
    assert sandbox.usage(str(tmp_path / "link")).bytes == 0
    assert not sandbox.usage(str(tmp_path / "mine"), most_entries=3).complete
    assert sandbox.usage(str(tmp_path / "none")) == sandbox.Usage(0, 0, True)


def test_trap_14_what_a_session_changes_in_python_is_not_seen_by_the_next(colony, worker):
    colony.run(worker, "import builtins, os\nbuiltins.print = None\nos.environ['X'] = 'y'")
    colony.ask("fork", name="next")
    try:
        assert colony.run("next", "import os\nresult = [callable(print), 'X' in os.environ]") == [True, False]
    finally:
        colony.ask("kill", name="next")


def test_trap_15_the_zygote_has_one_thread(colony):
    assert colony.about["hello"]["threads"] == 1


def test_trap_16_processes_and_threads_start_although_clone3_is_refused(colony, worker):
    code = (
        "import subprocess, threading\nseen = []\nt = threading.Thread(target=seen.append, args=(1,))\nt.start()\nt.join()\n"
        "result = [subprocess.run(['echo', 'x'], capture_output=True, text=True).stdout, seen]"
    )
    assert colony.run(worker, code) == ["x\n", [1]]


@pytest.mark.skipif(not ROOT, reason="needs root to become another user")
def test_a_directory_that_may_not_be_read_counts_as_too_much(tmp_path):
    os.chmod(tmp_path, 0o777)
    code = (
        f"import os, sys\nsys.path.insert(0, {os.path.join(HERE, '..', '..', '..', 'sage-bridge')!r})\n"
        "from sage_bridge import sandbox\nos.umask(0)\nd = sys.argv[1]\nos.mkdir(d)\nos.mkdir(d + '/hidden', 0)\n"
        "print(sandbox.usage(d).complete, sandbox.usage(d).exceeds(1 << 40, 1 << 40))"
    )
    folder = str(tmp_path / "mine")
    for parent in (tmp_path.parent, tmp_path.parent.parent):
        os.chmod(parent, 0o755)
    out = subprocess.run(
        [sys.executable, "-c", code, folder],
        preexec_fn=become_unprivileged,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert out.stdout.split() == ["False", "True"], out.stderr
