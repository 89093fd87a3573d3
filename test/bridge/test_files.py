"""Files that a run makes in its directory."""

from __future__ import annotations

import base64
import hashlib

import pytest


def files(run):
    return [(output["name"], base64.b64decode(output["data"])) for output in run.outputs if output["kind"] == "file"]


def test_a_file_a_run_made_is_offered_once(session):
    run = session.run("with open('a.csv', 'w') as f: print('1,2', file=f)")
    assert files(run) == [("a.csv", b"1,2\n")]
    assert run.outputs[0]["type"] == "text/csv"
    assert session.run("1").outputs[0]["kind"] == "display"
    assert files(session.run("2")) == []


def test_a_file_that_changed_is_offered_again(session):
    session.run("open('a.txt', 'w').write('1')")
    assert files(session.run("open('a.txt', 'a').write('2')")) == [("a.txt", b"12")]


def test_images_are_shown_in_place_whoever_made_them(session):
    run = session.run("plot(x).save('p.svg')\nplot(x).save('q.png'); None")
    assert [sorted(output["data"])[0] for output in run.displays] == ["image/svg+xml", "image/png"]
    assert [output["data"]["text/plain"] for output in run.displays] == ["p.svg", "q.png"]


def test_an_image_arrives_byte_by_byte_however_its_name_is_written(session):
    run = session.run(
        "import hashlib\nplot(x).save('q.png')\nimport os; os.rename('q.png', 'Q.PNG')\n"
        "print(hashlib.sha256(open('Q.PNG', 'rb').read()).hexdigest())"
    )
    (image,) = run.displays
    assert hashlib.sha256(base64.b64decode(image["data"]["image/png"])).hexdigest() == run.stdout.strip()


def test_what_only_is_called_an_image_is_a_file(session):
    assert files(session.run("open('p.png', 'w').write('no image'); None")) == [("p.png", b"no image")]


def test_files_in_folders_and_those_of_programs_are_offered(session):
    assert files(session.run("!mkdir -p d/e; echo 1 > d/e/x.dat")) == [("x.dat", b"1\n")]


def test_a_stateless_run_offers_its_files_too(client):
    assert files(client.run("open('a.txt', 'w').write('1')")) == [("a.txt", b"1")]


def test_files_are_offered_after_an_error_before_it(session):
    run = session.run("open('a.txt', 'w').write('1')\n1/0")
    assert [output["kind"] for output in run.outputs] == ["file", "error"]


def test_hidden_and_temporary_files_are_not_offered(session):
    run = session.run(
        "import tempfile\nopen('.hidden', 'w').write('1')\nf = tempfile.NamedTemporaryFile(delete=False, suffix='.png')\n"
        "f.write(b'1'); f.close()\ng = open(tmp_filename(ext='.txt'), 'w')\nprint('x', file=g); g.close()\n"
        "tempfile.mkdtemp(); open('empty', 'w').close()"
    )
    assert (run.status, run.outputs) == ("ok", [])


def test_a_file_that_was_shown_is_not_offered_again(session):
    run = session.run("open('a.txt', 'w').write('1')\nsalvus.file('a.txt')")
    assert len(run.outputs) == 1


@pytest.mark.parametrize(
    "make", ["os.symlink('/etc/passwd', 'l')", "os.mkfifo('p')", "os.symlink('/etc', 'd')", "os.mkdir('d')"]
)
def test_links_and_pipes_are_left_alone(session, make):
    run = session.run(f"import os\n{make}")
    assert (run.status, run.outputs) == ("ok", [])


def test_many_files_are_offered_in_part_and_the_rest_is_counted(session):
    run = session.run("for i in range(30):\n    open('f%02d.txt' % i, 'w').write('x')")
    assert len(files(run)) == 20
    assert run.value == "10 more files were made; a run offers at most 20."
    assert session.run("1").value == "1"


def test_long_files_are_named_without_their_content(session):
    run = session.run("open('big.bin', 'wb').write(b'x' * 2000000); None")
    output = run.outputs[0]
    assert (output["kind"], output["name"], output["size"]) == ("file", "big.bin", 2_000_000)
    assert "data" not in output


def test_names_that_are_no_text_are_made_text(session):
    run = session.run("import os\nopen(b'\\xff\\n.txt', 'w').write('1')\nopen('é😀.txt', 'w').write('2'); None")
    assert sorted(name for name, _ in files(run)) == ["é😀.txt", "\ufffd\ufffd.txt"]


def test_a_flood_of_files_costs_its_maker_alone(session):
    run = session.run("for i in range(1500):\n    open('f%d' % i, 'w').write('x')", limits={"cpuMs": 20_000})
    assert run.status == "ok"
    assert len(files(run)) == 20
    assert session.run("1").value == "1"
