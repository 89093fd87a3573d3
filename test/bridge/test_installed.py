"""What is installed is part of what an answer may depend on: the fingerprint tells, at the start and later."""

from __future__ import annotations

import os
import shutil

import pytest
from bridge_client import ROOT, Session
from sage_bridge.installed import Installed


def touched(folder):
    """Gives the folder another time, whatever the file system's resolution."""
    os.utime(folder, ns=(0, os.stat(folder).st_mtime_ns + 1_000_000_000))


@pytest.fixture
def folders(tmp_path):
    """Two folders of packages, one with two in it."""
    for name in ("one/numpy", "one/numpy-1.0.dist-info", "two"):
        (tmp_path / name).mkdir(parents=True)
    return [str(tmp_path / "one"), str(tmp_path / "two")]


def test_the_digest_is_the_same_wherever_the_same_is_installed(folders, tmp_path):
    shutil.copytree(tmp_path / "one", tmp_path / "elsewhere")
    here = Installed(folders).digest()
    assert Installed([str(tmp_path / "elsewhere"), str(tmp_path / "two")]).digest() == here
    assert Installed(["", *folders]).digest() == here


@pytest.mark.parametrize("name", ["one/pandas", "two/module.py", "one/numpy-1.1.dist-info"])
def test_the_digest_changes_with_every_package(folders, tmp_path, name):
    installed = Installed(folders)
    before = installed.digest()
    (tmp_path / name).mkdir()
    assert installed.digest() != before
    (tmp_path / name).rmdir()
    assert installed.digest() == before


@pytest.mark.parametrize("name", ["one/__pycache__", "two/.lock"])
def test_what_cannot_be_imported_does_not_count(folders, tmp_path, name):
    before = Installed(folders).digest()
    (tmp_path / name).mkdir()
    assert Installed(folders).digest() == before


def test_folders_that_are_not_there_count_when_they_come(folders, tmp_path):
    path = [*folders, str(tmp_path / "later"), str(tmp_path / "archive.zip")]
    before = Installed(path).digest()
    (tmp_path / "archive.zip").write_bytes(b"")
    with_file = Installed(path).digest()
    (tmp_path / "later").mkdir()
    (tmp_path / "later" / "module.py").write_text("")
    assert len({before, with_file, Installed(path).digest()}) == 3


def test_a_change_is_told_once_and_when_it_is_over(folders):
    installed = Installed(folders)
    assert not installed.may_have_changed()
    touched(folders[0])
    assert not installed.may_have_changed()
    touched(folders[1])
    assert not installed.may_have_changed()
    assert installed.may_have_changed()
    assert not installed.may_have_changed()


def test_what_is_installed_while_a_bridge_runs_is_told_and_old_answers_are_nobodys(start_bridge, connect, tmp_path):
    tree = tmp_path / "tree"
    shutil.copytree(ROOT / "sage-bridge" / "sage_bridge", tree / "sage_bridge", ignore=shutil.ignore_patterns("__pyc*"))
    bridge = start_bridge("--pool", "2", PYTHONPATH=str(tree))
    client = connect(bridge)
    session = Session(client).open()
    assert session.run("2 + 2").done["pure"] is True
    # In the zygote's own directory nothing is installed.
    (zygote,) = bridge.temp.glob("*/zygote")
    (zygote / "module.py").write_text("")
    client.nothing_more(5)
    (tree / "lately_installed.py").write_text("answer = 42")
    # Another zygote has to come up, perhaps beside other suites.
    told = client.receive(90)
    assert told["type"] == "ready"
    assert told["fingerprint"] != client.ready["fingerprint"]
    assert told["languages"] == client.ready["languages"]
    # The session lives on, its worker is from before.
    assert session.run("2 + 2").done["pure"] is False
    other = Session(client).open()
    assert (other.run("2 + 2").value, other.run("2 + 2").done["pure"]) == ("4", True)
    assert connect(bridge).ready["fingerprint"] == told["fingerprint"]
    other.close()
    session.close()
