"""The sandbox in the bridge, at each level: what code sees, and that nothing survives or is silent."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import pytest
from bridge_client import Bridge, Session, marked, wait_until
from sage_bridge.sandbox.kinship import children, is_alive

ROOT = os.geteuid() == 0
NAMESPACES = ("pid-namespace", "network-namespace", "ipc-uts-namespaces", "read-only-root")
#: Level → layers left out. An ordinary user gets its best level only.
LEVELS = {
    "best": (),
    "root": ("pid-namespace",),
    "floor": (*NAMESPACES, "own-user", "user-namespace"),
}


def options(level):
    """Of a bridge at that level."""
    return [part for layer in LEVELS[level] for part in ("--without", layer)]


@pytest.fixture(scope="module", params=LEVELS)
def bridge(request, tmp_path_factory):
    """A bridge at each level."""
    if request.param != "best" and not ROOT:
        pytest.skip("needs root")
    folder = tmp_path_factory.mktemp(request.param)
    bridge = Bridge(folder, "--pool", "2", *options(request.param))
    bridge.level, bridge.folder = request.param, folder
    yield bridge
    bridge.stop()


def test_it_says_its_level_and_what_is_missing(bridge):
    line = json.loads((bridge.folder / "log").read_text().splitlines()[0])
    assert line["reached"] == bridge.listening["sandbox"]
    missing = {gap["layer"]: gap["reason"] for gap in line["missing"]}
    for layer in LEVELS[bridge.level]:
        assert missing[layer] == "left out by choice"
    assert all(missing.values())


def test_code_reaches_no_network_no_server_and_no_neighbour(bridge, connect):
    client = connect(bridge)
    session = Session(client).open()
    run = session.run(
        "import os, socket\n"
        "def tried(f):\n"
        "    try: f()\n"
        "    except Exception as e: return type(e).__name__\n"
        "    return 'allowed'\n"
        f"print(tried(lambda: open({str(bridge.folder / 'log')!r})))\n"
        f"print(tried(lambda: socket.socket(socket.AF_UNIX).connect({bridge.socket!r})))\n"
        "print(tried(lambda: socket.create_connection(('127.0.0.1', int(9)))))\n"
        "print(tried(lambda: open('/etc/shadow')))\n"
        f"print(tried(lambda: os.kill({bridge.pid}, int(0))))\n"
        "print(sorted(os.listdir('/proc/self/fd')))"
    )
    *tries, descriptors = run.stdout.splitlines()
    # Landlock does not cover sockets that have a path: the floor has only the permissions of the file.
    allowed = [index for index, result in enumerate(tries) if result == "allowed"]
    assert allowed in ([], [1] if bridge.level == "floor" else [])
    assert {"0", "1", "2", "200"} <= set(json.loads(descriptors.replace("'", '"')))
    assert len(json.loads(descriptors.replace("'", '"'))) <= 5
    session.close()


def test_other_programs_of_sage_answer(bridge, connect):
    client = connect(bridge)
    session = Session(client).open()
    for code in ("gp('2+2')", "maxima('2+2')", "singular('2+2')", "libgap(4)", "pari(4)"):
        assert session.run(code).value.strip() == "4", code
    assert session.run("plot(sin(x), (x, 0, 1))").status == "ok"
    session.close()


DAEMONS = """
import os, signal, time
for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
    signal.signal(number, signal.SIG_IGN)
for i in range(40):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(600)
        os._exit(0)
    os.wait()
print('forked', flush=True)
"""


@pytest.mark.parametrize("end", ["return", "exit", "kill"])
def test_none_of_forty_daemons_outlives_its_run(bridge, connect, end):
    client = connect(bridge)
    name = f"daemon-{end}"
    last = {"return": "", "exit": "os._exit(3)", "kill": "time.sleep(600)"}[end]
    execution, session = client.start(marked(name) + DAEMONS + last)
    client.wait("output", execution=execution)
    if end == "kill":
        assert len(bridge.named(name)) >= 40
        client.send({"type": "kill", "execution": execution, "session": session})
    assert client.finish(execution).status == {"return": "ok", "exit": "killed", "kill": "killed"}[end]
    # Taking 41 copies of Sage down is work, which a busy machine does slowly.
    wait_until(lambda: not bridge.named(name), 10)


def test_forty_daemons_are_gone_fifty_milliseconds_after_a_kill(bridge, connect):
    client = connect(bridge)
    # Small ones: to take forty copies of Sage down is the kernel's work, some milliseconds for each. What a process
    # ignores, the program that it becomes ignores too.
    daemons = DAEMONS.replace("time.sleep(600)", "os.execv('/bin/sleep', ['sleep', '600'])")
    seconds = []
    for _ in range(5):
        execution, session = client.start(daemons + "time.sleep(600)")
        client.wait("output", execution=execution)
        wait_until(lambda: len(bridge.named("sleep")) == 40)
        pids = bridge.named("sleep")
        client.send({"type": "kill", "execution": execution, "session": session})
        started = time.monotonic()
        wait_until(lambda pids=pids: not any(map(is_alive, pids)), 10)
        seconds.append(time.monotonic() - started)
        assert client.finish(execution).status == "killed"
        if seconds[-1] <= 0.05:
            break
    if min(seconds) > 0.05 and os.getloadavg()[0] > 1:
        pytest.skip(f"none survived, but this machine is too busy to tell the time: {os.getloadavg()}, {seconds}")
    # What the bridge can do is shown by the best of a few.
    assert min(seconds) <= 0.05, seconds


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("os._exit(3)", "exit code 3"),
        ("os.closerange(int(0), int(1000))", ""),
        ("ctypes.CDLL(None).abort()", ""),
        ("ctypes.string_at(int(0))", ""),
        ("os.kill(os.getpid(), signal.SIGSEGV)", ""),
    ],
)
def test_every_end_of_a_process_is_told_once(bridge, connect, code, words):
    client = connect(bridge)
    execution, _ = client.start("import os, signal, ctypes\nprint('last')\n" + code)
    run = client.finish(execution)
    assert run.status in ("killed", "error", "ok")
    assert run.stdout == "last\n"
    assert words in run.done.get("message", "")
    client.nothing_more(0.05)


def test_a_block_in_compiled_code_ends_on_request(bridge, connect):
    client = connect(bridge)
    session = Session(client).open()
    execution = session.start(
        "K = CyclotomicField(131)\nA = random_matrix(K, 40)\nprint('begun')\nA.charpoly()", limits={"cpuMs": 25_000}
    )
    session.wait_output(execution, "begun")
    started = time.monotonic()
    session.send("interrupt", execution=execution)
    time.sleep(2.2)
    session.send("kill", execution=execution)
    assert client.finish(execution).status in ("interrupted", "killed")
    assert time.monotonic() - started < 4
    session.close()


def _zygote(bridge):
    # The keepers above it have no other child, it has the workers.
    while True:
        pid, below = None, [bridge.pid]
        while len(below) == 1:
            pid = below[0]
            below = children(pid)
        if below:
            return pid


@pytest.mark.parametrize("level", LEVELS)
def test_a_dead_zygote_costs_no_session_and_a_dead_bridge_leaves_nothing(level, start_bridge, connect):
    if level != "best" and not ROOT:
        pytest.skip("needs root")
    groups = set(_groups())
    bridge = start_bridge("--pool", "2", *options(level))
    client = connect(bridge)
    session = Session(client).open()
    session.run("a = 41")
    os.kill(_zygote(bridge), signal.SIGKILL)
    assert session.run("a + 1").value == "42"
    execution = session.start("import os; os._exit(7)")
    assert "exit code 7" in client.finish(execution).done["message"]
    run = client.run("print(6*7)")
    while run.status == "lost":
        run = client.run("print(6*7)")
    assert run.stdout == "42\n"
    execution, _ = client.start(marked("left") + DAEMONS + "while True: pass")
    client.wait("output", execution=execution)
    pids = bridge.below()
    assert len(bridge.named("left")) > 40
    bridge.process.kill()
    wait_until(lambda: not any(map(is_alive, pids)), 10)
    wait_until(lambda: list(bridge.temp.iterdir()) == [], 10)
    wait_until(lambda: not [name for name in set(_groups()) - groups if f"-{bridge.pid}-" in name], 5)


def _groups():
    return [str(path) for path in Path("/sys/fs/cgroup").glob("**/sage-bridge-*")]
