"""The bridge as a process: options, start, end, and nothing left behind."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from bridge_client import ROOT, TOKEN, Bridge, Client, Session, wait_until
from sage_bridge.sandbox.kinship import is_alive


def run_bridge(*arguments, token=TOKEN, data=None):
    """Runs the command to its end."""
    env = {**os.environ, "PYTHONPATH": str(ROOT / "sage-bridge")}
    env.pop("SAGE_BRIDGE_TOKEN", None)
    if token is not None:
        env["SAGE_BRIDGE_TOKEN"] = token
    return subprocess.run(
        [sys.executable, "-m", "sage_bridge", *arguments],
        env=env,
        input=data,
        capture_output=True,
        text=True,
        timeout=30,
    )


@pytest.mark.parametrize(
    ("arguments", "token", "words"),
    [
        (["serve"], None, ["--token-file", "SAGE_BRIDGE_TOKEN"]),
        (["serve"], "short", ["SAGE_BRIDGE_TOKEN", "5", "16"]),
        (["serve", "--token-file", "/nowhere"], TOKEN, ["--token-file", "/nowhere"]),
        (["serve", "--pool", "many"], TOKEN, ["--pool", "many", "1 to 1000"]),
        (["serve", "--pool", "0"], TOKEN, ["--pool", "'0'", "1 to 1000"]),
        (["serve", "--max-sessions", "1.5"], TOKEN, ["--max-sessions", "1.5"]),
        (["serve", "--idle", "nan"], TOKEN, ["--idle", "nan"]),
        (["serve", "--grace", "-1"], TOKEN, ["--grace", "-1"]),
        (["serve", "--listen", "tcp:0.0.0.0:6000"], TOKEN, ["0.0.0.0", "--allow-remote"]),
        (["serve", "--listen", "tcp:127.0.0.1:99999"], TOKEN, ["--listen", "99999"]),
        (["serve", "--listen", "nonsense"], TOKEN, ["--listen", "nonsense", "unix:PATH"]),
        (["serve", "--listen", "tls:127.0.0.1:0"], TOKEN, ["--listen", "--tls-cert", "--tls-key"]),
        (["serve", "--tls-client-ca", "/nowhere"], TOKEN, ["--tls-client-ca", "tls:HOST:PORT"]),
        (
            ["serve", "--listen", "tls:127.0.0.1:0", "--tls-cert", "/nowhere", "--tls-key", "/nowhere"],
            TOKEN,
            ["/nowhere", "can't be used"],
        ),
        (["serve", "--memory", "lots"], TOKEN, ["--memory", "lots", "64 to"]),
        (["serve", "--memory", "1"], TOKEN, ["--memory", "'1'", "64 to"]),
        (["serve", "--disk", "0"], TOKEN, ["--disk", "'0'"]),
        (["serve", "--files", "2.5"], TOKEN, ["--files", "2.5", "whole number"]),
        (["serve", "--processes", "-3"], TOKEN, ["--processes", "4 to"]),
        (["serve", "--processors", "nan"], TOKEN, ["--processors", "nan"]),
        (["serve", "--reserve", ""], TOKEN, ["--reserve", "''"]),
        (["serve", "--sandbox", "maybe"], TOKEN, ["--sandbox", "maybe", "best-effort"]),
        (["serve", "--without", "luck"], TOKEN, ["--without", "luck", "seccomp"]),
        (["serve", "--sandbox", "require", "--without", "seccomp"], TOKEN, ["require", "seccomp", "by choice"]),
        (
            ["serve", "--listen", "tcp:0.0.0.0:0", "--allow-remote", "--without", "landlock"],
            TOKEN,
            ["require", "landlock", "by choice"],
        ),
        (["serve", "--nonsense"], TOKEN, ["--nonsense"]),
        (["serve", "--lifeline", "pigeon"], TOKEN, ["--lifeline", "pigeon", "stdin"]),
        ([], TOKEN, ["serve"]),
    ],
)
def test_a_bad_option_names_itself_its_value_and_what_is_allowed(arguments, token, words):
    result = run_bridge(*arguments, token=token)
    assert result.returncode == 2
    assert result.stdout == ""
    for word in words:
        assert word in result.stderr
    assert "Traceback" not in result.stderr


def gone(bridge, pids):
    wait_until(lambda: not any(is_alive(pid) for pid in pids), 5)
    wait_until(lambda: list(bridge.temp.iterdir()) == [], 5)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_everything_and_leaves_nothing(start_bridge, number):
    bridge = start_bridge("--pool", "2")
    client = Client(bridge).auth()
    Session(client).open().start("import subprocess\nsubprocess.run(['sleep', '600'])\nopen('x', 'w')")
    client.wait("status")
    pids = bridge.below()
    assert len(pids) >= 3
    started = time.monotonic()
    assert bridge.stop(number) == 0
    assert time.monotonic() - started < 5
    gone(bridge, pids)
    assert not Path(bridge.socket).exists()
    client.close()


def test_the_end_of_the_lifeline_ends_the_bridge(start_bridge):
    bridge = start_bridge("--pool", "1", "--lifeline", "stdin")
    pids = bridge.below()
    bridge.process.stdin.close()
    assert bridge.process.wait(5) == 0
    gone(bridge, pids)


def test_nothing_outlives_a_bridge_that_is_killed(start_bridge):
    bridge = start_bridge("--pool", "2")
    client = Client(bridge).auth()
    execution, _ = client.start("import signal\nprint('begun')\nwhile True: x = 1")
    client.wait("output", execution=execution)
    pids = bridge.below()
    bridge.process.kill()
    wait_until(lambda: not any(is_alive(pid) for pid in pids), 1)
    gone(bridge, pids)
    client.close()


def test_the_socket_is_for_its_owner_only_and_a_stale_one_is_replaced(start_bridge, tmp_path):
    bridge = start_bridge("--pool", "1")
    assert stat.S_IMODE(os.stat(bridge.socket).st_mode) == 0o600
    bridge.process.kill()
    bridge.process.wait()
    assert Path(bridge.socket).exists()
    again = subprocess.Popen(
        [sys.executable, "-m", "sage_bridge", "serve", "--listen", f"unix:{bridge.socket}", "--pool", "1"],
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT / "sage-bridge"),
            "SAGE_BRIDGE_TOKEN": TOKEN,
            "TMPDIR": str(tmp_path),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert b"listening" in again.stdout.readline()
        Client(bridge).auth().close()
    finally:
        again.terminate()
        assert again.wait(10) == 0
        again.stdout.close()


def test_a_free_tcp_port_is_taken_told_and_free_again_and_the_file_of_the_token_stays_as_it_is(tmp_path):
    token = tmp_path / "token"
    token.write_text(TOKEN + "\n")
    token.chmod(0o600)
    before = (token.read_bytes(), token.stat().st_mode, token.stat().st_mtime_ns)
    address = "tcp:127.0.0.1:0"
    for turn in range(2):
        folder = tmp_path / str(turn)
        folder.mkdir()
        options = ("--pool", "1", "--token-file", str(token), "--listen", address)
        bridge = Bridge(folder, *options, SAGE_BRIDGE_TOKEN="")
        try:
            address = bridge.listening["address"]
            kind, host, port = address.split(":")
            assert (kind, host) == ("tcp", "127.0.0.1")
            client = Client((host, int(port))).auth()
            assert client.run("print(6*7)").stdout == "42\n"
            client.close()
        finally:
            assert bridge.stop() == 0
        assert (token.read_bytes(), token.stat().st_mode, token.stat().st_mtime_ns) == before


def test_the_token_is_nowhere_to_be_read_below_the_bridge(shared_bridge, client):
    assert client.run("1").status == "ok"
    for pid in [shared_bridge.pid, *shared_bridge.below()]:
        try:
            texts = [Path(f"/proc/{pid}/{name}").read_bytes() for name in ("cmdline", "environ")]
        except OSError:
            # It ended meanwhile.
            continue
        assert TOKEN.encode() not in texts[0]
        if pid != shared_bridge.pid:
            assert TOKEN.encode() not in texts[1]


def test_validate_judges_lines(tmp_path):
    lines = '{"schema":"bridgeCommand","text":"{\\"type\\":\\"ping\\"}"}\n{"schema":"bridgeCommand","text":"{"}\n'
    result = run_bridge("validate", data=lines)
    assert result.returncode == 0
    first, second = result.stdout.splitlines()
    assert first == '{"ok": true}'
    assert '"ok": false' in second
    assert "bad-message" in second
