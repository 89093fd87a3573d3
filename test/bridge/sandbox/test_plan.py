# SPDX-License-Identifier: GPL-2.0-or-later
"""What is asked for, what is had, and that it is said honestly on every kind of machine."""

from __future__ import annotations

import errno
import json
import os
import re
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, linux, start
from sage_bridge import sandbox
from sage_bridge.sandbox import cgroups, check, environment, identity, kernel, landlock, levels, seccomp
from sage_bridge.sandbox.trial import trial

SOURCE = os.path.join(os.path.dirname(sandbox.__file__), "..", "..")


def python(code: str, **options: object) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": SOURCE},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        **options,
    )


def refuse(program: bytes, number: int, arguments: tuple = (), audit: int = 0xC000003E) -> int:
    """Runs the filter on one call: 0 if allowed, else the error it gives."""
    data = struct.pack("=iIQ6Q", number, audit, 0, *(*arguments, 0, 0, 0, 0, 0, 0)[:6])
    code = [struct.unpack_from("=HBBI", program, 8 * i) for i in range(len(program) // 8)]
    at = accumulator = 0
    for _ in range(len(code)):
        operation, yes, no, value = code[at]
        at += 1
        if operation == 0x20:
            accumulator = struct.unpack_from("=I", data, value)[0]
        elif operation == 0x54:
            accumulator &= value
        elif operation == 0x06:
            return 0 if value == 0x7FFF0000 else value & 0xFFFF
        else:
            true = {0x15: accumulator == value, 0x25: accumulator > value, 0x45: bool(accumulator & value)}
            at += yes if true[operation] else no
    raise AssertionError("the filter does not end")


@pytest.mark.parametrize(("machine", "audit", "column"), [("x86_64", 0xC000003E, 0), ("aarch64", 0xC00000B7, 1)])
def test_the_filter_refuses_its_table_and_lets_ordinary_calls_pass(machine, audit, column):
    program = seccomp.compile_filter(machine)
    for name, numbers in seccomp.DENIED.items():
        if numbers[column] is not None:
            assert refuse(program, numbers[column], audit=audit) == errno.EPERM, name
    ordinary = {"read": (0, 63), "openat": (257, 56), "execve": (59, 221), "mmap": (9, 222), "futex": (202, 98)}
    for name, numbers in ordinary.items():
        assert refuse(program, numbers[column], audit=audit) == 0, name
    socket, clone, ioctl, prctl = ((41, 198), (56, 220), (16, 29), (157, 167))
    assert refuse(program, socket[column], (1, 1), audit) == 0
    for family in (0, 2, 10, 16, 17, 38, 40):
        assert refuse(program, socket[column], (family, 1), audit) == errno.EAFNOSUPPORT
    assert refuse(program, clone[column], (17,), audit) == 0
    for bit in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000):
        assert refuse(program, clone[column], (17 | bit,), audit) == errno.EPERM
    assert refuse(program, ioctl[column], (0, 0x5412), audit) == errno.EPERM
    assert refuse(program, ioctl[column], (0, 0x5414), audit) == 0
    for name, numbers in seccomp.OTHERWISE.items():
        assert refuse(program, numbers[column], audit=audit) == numbers[2], name
    # The kernel looks at the lower half only, and so does the filter.
    assert refuse(program, ioctl[column], (0, 0x1_0000_5412), audit) == errno.EPERM
    assert refuse(program, prctl[column], (36, 0), audit) == errno.EPERM
    assert refuse(program, 435, audit=audit) == errno.ENOSYS
    assert refuse(program, seccomp.NEWEST + 1, audit=audit) == errno.ENOSYS
    assert refuse(program, 39, audit=0x40000003) == errno.ENOSYS
    prlimit = (302, 261)[column]
    assert refuse(program, prlimit, (0, 7), audit) == 0
    assert refuse(program, prlimit, (1234, 7), audit) == errno.EPERM


#: Where the C library's headers keep the kernel's numbers; the generic ones are aarch64's.
HEADERS = ("/usr/include/x86_64-linux-gnu/asm/unistd_64.h", "/usr/include/asm-generic/unistd.h")


@pytest.mark.parametrize(("machine", "column"), [("x86_64", 0), ("aarch64", 1)])
def test_the_numbers_of_the_table_are_the_kernels_own(machine, column):
    try:
        with open(HEADERS[column]) as file:
            text = file.read()
    except FileNotFoundError:
        pytest.skip(f"the headers of the kernel are not installed: {HEADERS[column]}")
    kernels = {name: int(number) for name, number in re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", text)}
    assert len(kernels) > 300
    ours = {**seccomp.DENIED, **seccomp.OTHERWISE, **seccomp._CALLS, **seccomp._ON_ONESELF, "connect": seccomp._CONNECT}
    # Their own end, and no call.
    kernels.pop("syscalls", None)
    newest = max(kernels.values())
    wrong = {
        name: (numbers[column], kernels.get(name))
        for name, numbers in ours.items()
        # The headers may be older than the table.
        if numbers[column] != kernels.get(name) and not (numbers[column] or 0) > newest
    }
    assert wrong == {}


def test_the_filter_opens_the_network_only_where_it_was_allowed():
    for egress, expected in ((False, errno.EAFNOSUPPORT), (True, 0)):
        program = seccomp.compile_filter("x86_64", egress=egress)
        assert refuse(program, 41, (2, 1)) == refuse(program, 41, (10, 2)) == expected
        assert refuse(program, 41, (16, 3)) == refuse(program, 41, (40, 1)) == errno.EAFNOSUPPORT


def test_without_a_root_of_its_own_a_worker_may_not_call_on_sockets_by_name():
    program = seccomp.compile_filter("x86_64", local=False)
    assert refuse(program, 42) == errno.EPERM
    assert refuse(program, 41, (1, 2)) == refuse(program, 53, (1, 2 | 0o2000000)) == errno.EPERM
    assert refuse(program, 41, (1, 1)) == refuse(program, 53, (1, 1 | 0o2000000)) == 0
    assert refuse(seccomp.compile_filter("x86_64"), 42) == 0


def test_an_architecture_without_a_table_is_reported_not_guessed():
    assert seccomp.compile_filter("riscv64") is None


def test_an_unknown_mode_or_layer_is_an_error():
    with pytest.raises(ValueError, match="unknown sandbox mode 'paranoid'"):
        sandbox.make_plan("paranoid")
    with pytest.raises(ValueError, match="unknown layers: armour"):
        sandbox.make_plan(without=["armour"])


@linux
@pytest.mark.parametrize("layer", [kind.name for kind in levels.KINDS if kind.required])
def test_require_fails_closed_for_each_required_layer(layer):
    if layer in (levels.DISK_WATCH, levels.CAPABILITIES):
        without = [layer]
    else:
        without = [layer, levels.DISK_WATCH] if layer == levels.QUOTA else [layer]
    with pytest.raises(sandbox.SandboxMissing) as caught:
        sandbox.make_plan("require", without=without)
    assert layer in [missing.name for missing in caught.value.layers]
    assert f"{layer}: left out by choice" in str(caught.value)
    assert "best-effort" in str(caught.value)


@linux
def test_a_plan_survives_its_way_to_the_zygote(tmp_path):
    made = sandbox.make_plan(scratch=str(tmp_path), read=["/usr/share"], without=["seccomp"])
    again = sandbox.Plan.loads(made.dumps())
    assert again == made
    assert not again.has(levels.SECCOMP)
    assert json.loads(json.dumps(again.summary()))["level"] == made.level
    with pytest.raises(KeyError):
        made.has("armour")


@linux
def test_every_layer_is_reported_once_and_each_missing_one_with_a_reason():
    made = sandbox.make_plan()
    assert [layer.name for layer in made.layers] == list(levels.NAMES)
    for layer in made.layers:
        assert layer.state in (sandbox.ENFORCED, sandbox.MISSING, sandbox.NOT_NEEDED)
        assert layer.state == sandbox.ENFORCED or layer.reason


def test_switched_off_it_says_so_for_every_restriction():
    made = sandbox.make_plan("off")
    assert made.level == "off"
    assert not made.has(levels.SECCOMP)
    assert all("switched off" in layer.reason for layer in made.missing())


@linux
def test_switched_off_workers_still_end_with_the_supervisor_and_have_their_own_numbers():
    colony = start("off")
    try:
        drawn = []
        for name in ("a", "b"):
            colony.ask("fork", name=name)
            drawn.append(colony.run(name, "import random; result = random.getrandbits(60)"))
        assert drawn[0] != drawn[1]
        assert colony.ask("kill", name="a")["survivors"] == 0
    finally:
        colony.close()


@linux
def test_a_layer_that_is_left_out_leaves_the_others_working():
    for layer in (levels.LANDLOCK, levels.SECCOMP, levels.SCOPE):
        colony = start("any", without=[layer])
        try:
            colony.ask("fork", name="a")
            answer = colony.ask("run", name="a", code="open('/etc/shadow').read()")
            assert answer["errno"] in (errno.EACCES, errno.ENOENT)
            code = "import socket\nwith socket.create_connection(('127.0.0.1', 9), 1): pass"
            assert "error" in colony.ask("run", name="a", code=code)
        finally:
            colony.close()


@linux
@pytest.mark.skipif(not ROOT, reason="the abstract sockets are tried between two users' sessions")
def test_without_landlocks_scope_sessions_do_not_share_abstract_sockets():
    colony = start("any", without=[levels.SCOPE])
    try:
        for name in ("a", "b"):
            colony.ask("fork", name=name)
        colony.run("a", "import socket; s = socket.socket(1); s.bind('\\0meet'); s.listen()")
        assert colony.ask("run", name="b", code="import socket; socket.socket(1).connect('\\0meet')")["errno"] == 111
    finally:
        colony.close()


@linux
@pytest.mark.skipif(not ROOT, reason="control groups need root here")
def test_a_session_that_takes_too_much_memory_is_killed_and_it_is_known_why():
    colony = start("root+pidns")
    try:
        if not {"enforced"} & {x["state"] for x in colony.about["plan"]["layers"] if x["name"] == "cgroup-memory"}:
            pytest.skip("no memory controller")
        colony.ask("fork", name="hungry")
        assert colony.ask("group", name="hungry")["processes"]
        answer = colony.ask("run", name="hungry", code="x = b'x' * (600 << 20)")
        assert answer == {"error": "the worker died"}
        assert colony.ask("group", name="hungry")["oom"]
        assert colony.ask("kill", name="hungry")["removed"]
    finally:
        colony.close()


@linux
def test_user_code_reaches_the_network_only_with_egress():
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        colony = start("any", egress=True)
        try:
            colony.ask("fork", name="a")
            code = f"import socket\nsocket.create_connection(('127.0.0.1', {server.getsockname()[1]}), 2).close()"
            assert "error" not in colony.ask("run", name="a", code=code)
            layers = {layer["name"]: layer for layer in colony.about["plan"]["layers"]}
            assert layers["network-namespace"]["reason"] == "the network was allowed to user code"
            # What the operator allows is nothing that ``require`` could miss.
            assert layers["network-namespace"]["state"] == "not needed"
        finally:
            colony.close()


@linux
def test_the_check_prints_every_layer_and_the_same_as_json(capsys):
    code = check.main([])
    text = capsys.readouterr().out
    for name in levels.NAMES:
        assert f" {name} " in text
    assert check.main(["--json"]) == code
    value = json.loads(capsys.readouterr().out)
    assert [layer["name"] for layer in value["layers"]] == list(levels.NAMES)
    assert value["requireWouldStart"] is (code == 0)
    assert ("would start" in text) is value["requireWouldStart"]


def test_the_check_runs_as_a_program():
    out = subprocess.run(
        [sys.executable, "-m", "sage_bridge.sandbox", "--json"],
        env={**os.environ, "PYTHONPATH": SOURCE},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert json.loads(out.stdout)["level"]


def test_on_another_system_everything_is_missing_and_nothing_crashes(tmp_path):
    code = (
        "import sys\nsys.platform = 'darwin'\n"
        "from sage_bridge import sandbox\nfrom sage_bridge.sandbox import check\n"
        "plan = sandbox.make_plan()\nassert plan.level == 'none', plan.level\n"
        "assert all('only Linux' in l.reason for l in plan.missing())\n"
        "sandbox.prepare_zygote(plan)\nsandbox.become_subreaper()\n"
        f"import os\npid = sandbox.fork(plan)\nif pid == 0:\n    sandbox.enter(plan, sandbox.WorkerFacts({str(tmp_path)!r}))\n"
        "    os._exit(7)\nassert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7\n"
        "assert check.main([]) == 1\n"
        "try:\n    sandbox.make_plan('require')\nexcept sandbox.SandboxMissing as e:\n    print(len(e.layers))\n"
    )
    out = python(code)
    assert out.returncode == 0, out.stderr
    assert int(out.stdout.split()[-1]) >= 10


@linux
def test_on_an_old_kernel_the_layers_it_lacks_are_named(monkeypatch):
    monkeypatch.setattr(landlock, "abi", lambda: 0)
    made = sandbox.make_plan()
    assert "5.13" in {layer.name: layer.reason for layer in made.layers}[levels.LANDLOCK]
    monkeypatch.setattr(landlock, "abi", lambda: 2)
    made = sandbox.make_plan()
    assert made.has(levels.LANDLOCK)
    assert "ABI 6" in {layer.name: layer.reason for layer in made.layers}[levels.SCOPE]
    monkeypatch.setattr(kernel, "MACHINE", "riscv64")
    monkeypatch.setattr(seccomp, "compile_filter", lambda **_: None)
    assert "riscv64" in {layer.name: layer.reason for layer in sandbox.make_plan().layers}[levels.SECCOMP]


@linux
def test_a_trial_that_raises_or_dies_gives_a_reason_and_leaves_no_process():
    def children() -> set[str]:
        me = os.getpid()
        return set(Path(f"/proc/{me}/task/{me}/children").read_text().split())

    before = children()
    assert trial(lambda: None) == ""
    assert "sorry" in trial(lambda: (_ for _ in ()).throw(RuntimeError("sorry")))
    assert "died" in trial(lambda: os._exit(3))
    assert children() - before == set()


def test_a_user_id_rests_until_nothing_of_it_is_left(monkeypatch):
    clean = set()
    monkeypatch.setattr(identity, "kill_all_of", lambda uid: uid in clean)
    pool = identity.UidPool(200_000, 200_002)
    first = pool.acquire()
    assert first == 200_000
    assert not pool.release(first)
    assert pool.status() == {"free": 2, "used": 0, "quarantined": 1}
    assert [pool.acquire(), pool.acquire()] == [200_001, 200_002]
    with pytest.raises(LookupError):
        pool.acquire()
    clean.add(first)
    assert pool.retry() == 0
    assert pool.acquire() == first


def test_no_user_id_of_the_system_is_ever_killed():
    for uid in (0, 1, 1000, 65_534):
        with pytest.raises(ValueError, match="not a session's user id"):
            identity.kill_all_of(uid)


def test_the_environment_of_the_zygote_has_only_what_was_chosen():
    given = {"PATH": "/bin", "LANG": "fr_FR.UTF-8", "SAGE_LOCAL": "/opt/sage", "TOKEN": "x", "LD_PRELOAD": "/evil.so"}
    made = environment.zygote_environment("/tmp/h", given, EXTRA="1")
    assert made["PATH"] == "/bin"
    assert made["SAGE_LOCAL"] == "/opt/sage"
    assert made["HOME"] == made["TMPDIR"] == "/tmp/h"
    assert made["DOT_SAGE"] == "/tmp/h/.sage"
    assert made["EXTRA"] == "1"
    assert not {"TOKEN", "LD_PRELOAD"} & made.keys()


@linux
def test_descriptors_are_closed_but_for_those_to_keep():
    code = (
        "import os\nfrom sage_bridge.sandbox import descriptors\n"
        "kept = [os.dup(1) for _ in range(30)]\nos.dup2(1, 200)\n"
        "descriptors.close_all_but([0, 1, 2, 7, 200])\n"
        "print(sorted(int(d) for d in os.listdir('/proc/self/fd') if os.path.exists(f'/proc/self/fd/{d}')))"
    )
    assert json.loads(python(code).stdout) == [0, 1, 2, 7, 200]


@linux
def test_no_control_group_means_a_reason_and_no_error(monkeypatch):
    monkeypatch.setattr(cgroups, "_own_paths", dict)
    monkeypatch.setattr(cgroups, "_unified_mounts", list)
    found = cgroups.open_hierarchies()
    assert found.kind == "none"
    assert "memory, pids, cpu" in found.reason
    group = found.make("a", cgroups.Limits())
    group.attach(0)
    assert group.processes() == []
    assert not group.kill()
    assert group.remove()


@linux
@pytest.mark.skipif(not ROOT, reason="control groups need root here")
def test_control_groups_that_a_dead_server_left_are_removed_by_the_next():
    first = cgroups.open_hierarchies()
    if first.kind == "none":
        pytest.skip("no control groups")
    cgroups.close_hierarchies(first)
    base = os.path.dirname(first.unified or next(iter(first.legacy.values())))
    child = subprocess.Popen(["true"])
    child.wait()
    left = os.path.join(base, f"sage-bridge-{child.pid}-1")
    os.makedirs(os.path.join(left, "session"))
    cgroups.close_hierarchies(cgroups.open_hierarchies())
    assert not os.path.exists(left)
