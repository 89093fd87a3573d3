# SPDX-License-Identifier: GPL-2.0-or-later
"""That it does not matter where Sage, the bridge and the sessions' directories lie, nor how old the kernel is."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
import tempfile

import pytest
from conftest import HERE, linux
from sage_bridge import sandbox
from sage_bridge.sandbox import kernel, landlock, levels, reach
from sage_bridge.sandbox.trial import trial

pytestmark = linux


def test_a_bridge_and_data_below_tmp_are_seen_there_read_only():
    base = tempfile.mkdtemp()
    try:
        os.chmod(base, 0o755)
        shutil.copytree(os.path.dirname(sandbox.__file__), f"{base}/sage-bridge/sage_bridge/sandbox")
        open(f"{base}/sage-bridge/sage_bridge/__init__.py", "w").close()
        os.makedirs(f"{base}/test/bridge/sandbox")
        shutil.copy(os.path.join(HERE, "colony.py"), f"{base}/test/bridge/sandbox")
        os.makedirs(f"{base}/data")
        with open(f"{base}/data/file", "w") as file:
            file.write("data")
        code = f"result = open({base + '/data/file'!r}).read()"
        write = f"open({base + '/data/new'!r}, 'w')"
        lines = [
            {"do": "fork", "name": "a"},
            {"do": "run", "name": "a", "code": code},
            {"do": "run", "name": "a", "code": write},
            {"do": "kill", "name": "a"},
        ]
        out = subprocess.run(
            [
                sys.executable,
                f"{base}/test/bridge/sandbox/colony.py",
                "supervisor",
                json.dumps({"read": [f"{base}/data"]}),
            ],
            input="\n".join(map(json.dumps, lines)),
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
            env={"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"},
        )
        answers = [json.loads(line) for line in out.stdout.splitlines()]
        assert answers[1] == {"value": "data"}, out.stderr
        assert answers[2]["errno"] in (errno.EROFS, errno.EACCES)
        assert answers[3]["survivors"] == 0
    finally:
        shutil.rmtree(base)


def test_sessions_directories_may_lie_outside_tmp():
    base = tempfile.mkdtemp(dir="/var/tmp")
    try:
        made = sandbox.make_plan(scratch=base)
        if made.has(levels.MOUNT_NS):
            assert made.mounted() == ("/tmp", base)
        assert sandbox.Plan.loads(made.dumps()).scratch == base
    finally:
        os.rmdir(base)


def test_a_kernel_without_recursive_mount_attributes_gets_a_read_only_root_all_the_same(monkeypatch):
    if not sandbox.make_plan().has(levels.MOUNT_NS):
        pytest.skip("no mount namespace here")

    def unknown(*_):
        raise OSError(errno.ENOSYS, "mount_setattr")

    monkeypatch.setattr(kernel, "mount_setattr", unknown)
    made = sandbox.make_plan()
    assert made.has(levels.MOUNT_NS), made.missing()


def test_every_version_of_landlock_up_to_this_kernels_holds():
    made = sandbox.make_plan()
    if not made.landlock_abi:
        pytest.skip("no Landlock")

    def attempt(version):
        kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
        landlock.restrict(version, reach.readable(made), (), reach.devices())
        open("/dev/null", "w").close()
        os.listdir("/usr")
        for refused in ("/", "/root", "/var"):
            try:
                os.listdir(refused)
            except PermissionError:
                continue
            raise RuntimeError(refused)

    for version in range(1, made.landlock_abi + 1):
        assert trial(lambda version=version: attempt(version)) == ""


def test_an_unprepared_zygote_is_noticed_before_anything_is_mounted():
    made = sandbox.make_plan()
    if not made.has(levels.MOUNT_NS):
        pytest.skip("no mount namespace here")
    with pytest.raises(RuntimeError, match="not prepared"):
        sandbox.enter(made, sandbox.WorkerFacts("/tmp"))
