"""The ``salvus`` object, and the names besides Sage's own."""

from __future__ import annotations

import base64
import json

import pytest


def bundle(run):
    return run.displays[-1]["data"]


def test_every_method_can_be_chained_and_keeps_the_order(session):
    run = session.run("x = var('x')\nsalvus.stdout('a').html('<b>b</b>').tex(x^2).stderr('c').md('*d*').stdout(5)")
    assert [
        output.get("text") or next(kind for kind in ("text/html", "text/latex") if kind in output["data"])
        for output in run.outputs
    ] == ["a", "text/html", "text/latex", "c", "text/html", "5"]
    assert not any(output["result"] for output in run.displays)


def test_text_html_formulas_and_files_keep_their_order_however_often(session):
    run = session.run(
        "for i in range(10):\n    print(i)\n    salvus.html(f'<b>{i}</b>')\n    salvus.tex(x^(i+2))\n"
        "    n = open(f'{i}.txt', 'w').write(str(i))\n    salvus.file(f'{i}.txt')\n    show(plot(x, (x, 0, i+1)))"
    )
    kinds = [output["kind"] if output["kind"] != "display" else max(output["data"]) for output in run.outputs]
    # A line may come in two pieces.
    kinds = [kind for before, kind in zip(["", *kinds], kinds) if (before, kind) != ("stream", "stream")]
    assert kinds == ["stream", "text/plain", "text/plain", "file", "text/plain"] * 10
    assert run.stdout == "".join(f"{i}\n" for i in range(10))
    shown = [output["data"]["text/plain"] for output in run.displays]
    assert shown[0::3] == [f"<b>{i}</b>" for i in range(10)]
    assert shown[1::3] == [f"x^{i + 2}" for i in range(10)]
    assert [output["name"] for output in run.outputs if output["kind"] == "file"] == [f"{i}.txt" for i in range(10)]


def test_text_is_written_without_a_newline_and_anything_is_converted(session):
    run = session.run("salvus.stdout('a').stdout(1/2).stdout([1])\nsalvus.stderr('é 😀')")
    assert (run.stdout, run.stderr) == ("a1/2[1]", "é 😀")


def test_html_in_printed_text_stays_text(session):
    run = session.run("print('<b onclick=1>')")
    assert run.stdout == "<b onclick=1>\n"
    assert run.displays == []


def test_tex_takes_text_and_objects(session):
    assert bundle(session.run("salvus.tex('x^2')"))["text/latex"] == r"$\displaystyle x^2$"
    assert bundle(session.run("salvus.tex('$x^2$')"))["text/latex"] == r"$\displaystyle x^2$"
    assert bundle(session.run("salvus.tex(1/2, display=True)"))["text/latex"] == r"$$\frac{1}{2}$$"


def test_clear_removes_what_was_put_out_so_far(session):
    run = session.run("print(1)\nsalvus.clear()\nprint(2)")
    assert [output["kind"] for output in run.outputs] == ["stream", "clear", "stream"]


def test_what_was_put_out_last_is_taken_back_where_the_code_says_so(session):
    run = session.run("print(1)\nsalvus.html('a').delete_last_output().stdout(2)")
    assert [output["kind"] for output in run.outputs] == ["stream", "display", "retract", "stream"]


@pytest.mark.parametrize("name", ["notify", "hide", "project_info"])
def test_what_other_systems_have_and_this_has_not_is_told_with_what_there_is(session, name):
    error = session.run(f"salvus.{name}('input')").error
    assert error["name"] == "AttributeError"
    assert error["message"].startswith(
        f"salvus has no {name} here; it has clear, code, default_mode, delete_last_output, "
    )
    assert ", _" not in error["message"]
    assert session.run("hasattr(salvus, 'html'), hasattr(salvus, '_repr_html_')").value == "(True, False)"


def test_obj_and_javascript_reach_the_page_as_data(session):
    data = bundle(session.run("salvus.obj({'a': [1/2, 3, 2.5], 'b': {'c': 'é'}, 'd': {4}})"))
    assert json.loads(data["application/json"]) == {"a": [0.5, 3, 2.5], "b": {"c": "é"}, "d": [4]}
    data = bundle(session.run("salvus.javascript('alert(obj.n)', obj={'n': 3})"))
    assert data["application/javascript"] == '(function (obj) {\nalert(obj.n)\n})({"n": 3});'
    assert data["text/plain"] == data["application/javascript"]


def test_code_is_shown_as_it_is(session):
    assert "if a&lt;b" in bundle(session.run("salvus.code('if a<b: pass', filename='x.py')"))["text/html"]


def test_an_image_file_is_shown_and_another_is_offered(session):
    run = session.run("plot(x).save('p.png'); open('a.txt', 'w').write('hé')\nsalvus.file('p.png').file('a.txt')")
    image, file = run.outputs
    assert base64.b64decode(image["data"]["image/png"]).startswith(b"\x89PNG")
    assert (file["kind"], file["name"], file["type"], file["size"]) == ("file", "a.txt", "text/plain", 3)
    assert base64.b64decode(file["data"]).decode() == "hé"


def test_an_image_file_can_be_offered_instead_of_shown(session):
    run = session.run("plot(x).save('p.png'); salvus.file('p.png', show=False)")
    assert [(output["kind"], output["name"]) for output in run.outputs] == [("file", "p.png")]


@pytest.mark.parametrize(
    "path,prepare",
    [
        ("/etc/passwd", ""),
        ("../x", ""),
        ("link", "os.symlink('/etc/passwd', 'link')"),
        ("folder/passwd", "os.symlink('/etc', 'folder')"),
        ("pipe", "os.mkfifo('pipe')"),
        ("d", "os.mkdir('d')"),
        (".", ""),
        ("missing", ""),
    ],
)
def test_only_regular_files_of_the_sessions_directory_are_read(session, path, prepare):
    run = session.run(f"import os\n{prepare}\nsalvus.file({path!r})")
    assert run.status == "error"
    assert run.error["name"].endswith("Error")
    assert "/t/" not in run.error["message"]
    assert not any("data" in output for output in run.outputs)


def test_a_link_within_the_directory_is_followed(session):
    run = session.run("import os\nopen('a.txt', 'w').write('x'); os.symlink('a.txt', 'b')\nsalvus.file('b')")
    assert run.outputs[0]["name"] == "a.txt"


def test_a_file_that_is_too_long_says_so(session):
    run = session.run("open('big.bin', 'wb').write(b'x' * int(9000000))\nsalvus.file('big.bin')")
    assert run.error["name"] == "ValueError"
    assert "8.6 MiB" in run.error["message"]


def test_pdf_files_are_offered_as_such(session):
    run = session.run("open('a.pdf', 'wb').write(b'%PDF-1.4')\nsalvus.pdf('a.pdf')")
    assert (run.outputs[0]["kind"], run.outputs[0]["type"]) == ("file", "application/pdf")
    assert session.run("open('b.pdf', 'w').write('x')\nsalvus.pdf('b.pdf')").error["name"] == "ValueError"


def test_modes_of_the_session_can_be_set_by_calls(session):
    session.run("salvus.typeset_mode(True).default_mode('python')")
    assert session.run("2^3").value == "1"
    assert session.run("%sage 1/3").displays[0]["data"]["text/latex"] == r"$\displaystyle \frac{1}{3}$"
    session.run("salvus.typeset_mode(False).default_mode('sage')")
    assert set(bundle(session.run("2^3"))) == {"text/plain"}


def test_execute_runs_code_and_shows_its_value(session):
    assert session.run("salvus.execute('%python\\n2^3').execute('2^3')").displays[0]["data"]["text/plain"] == "1"


def test_variables_are_reached_by_name_and_files_are_run(session):
    session.run("a = 5\nsalvus.namespace['b'] = a + 1")
    assert session.run("b").value == "6"
    run = session.run("open('c.sage', 'w').write('c = 2^3'); salvus.require('c.sage').stdout(c)")
    assert run.stdout == "8"
    assert session.run("salvus.require('missing.sage')").error["name"].endswith("Error")


def test_a_picture_in_space_is_shown_and_scripts_go_to_the_page(session):
    assert set(bundle(session.run("salvus.threed(plot(x), spin=True)"))) >= {"text/plain", "image/svg+xml"}
    assert "application/javascript" in bundle(session.run("salvus.execute_javascript('f()', cell_id=3)"))


def test_the_reader_is_asked_and_an_empty_answer_means_the_default(session):
    for answer, value in (("7", "8"), ("", "4")):
        execution = session.start("salvus.raw_input('how many?', default='3', type=ZZ) + 1")
        prompt = session.client.wait("output", execution=execution)["output"]
        assert (prompt["kind"], prompt["text"]) == ("prompt", "how many?")
        session.send("answer", execution=execution, text=answer)
        assert session.client.finish(execution).value == value


def test_every_method_is_documented(session):
    code = "[n for n in dir(salvus) if not n.startswith('_') and not (getattr(type(salvus), n).__doc__ or '').strip()]"
    assert session.run(code).value == "[]"


def test_it_is_offered_by_completion_and_survives_a_reset(session):
    session.send("complete", request="r1", before="salvus.ht")
    answer = session.client.wait("completions", request="r1")
    assert [item["text"] for item in answer["items"]] == ["html"]
    assert session.run("reset()\nsalvus.stdout('here')").stdout == "here"


@pytest.mark.parametrize(
    "code", ["reset()", "restore('show view')", "from sage.all import *", "from sage.all import show, view"]
)
def test_what_is_in_the_place_of_sages_own_stays_there(session, code):
    run = session.run(f"show = 17; view = 18\n{code}\nview([plot(x), plot(x^2)])\nshow(plot(x), 1/2)")
    assert ["image/svg+xml" in output["data"] for output in run.displays] == [True, True, True, False]


def test_after_a_reset_no_name_is_the_readers(session):
    assert session.run("show = 17; reset()\na = 1\nshow_identifiers()").value == "['a']"


def test_show_shows_pictures_each_for_itself_and_all_else_as_sage_does(session):
    run = session.run("show([plot(x), plot(x^2)])")
    assert ["image/svg+xml" in output["data"] for output in run.displays] == [True, True]
    run = session.run("show(plot(x), 1/2)")
    assert [sorted(output["data"])[0] for output in run.displays] == ["image/svg+xml", "text/latex"]
    assert bundle(session.run("show(1, 1/2)"))["text/latex"] == r"$\displaystyle 1\ \frac{1}{2}$"
    assert "print" in session.run("print(show.__doc__)").stdout.lower()


def test_md_is_a_value_and_html_and_latex_are_sages_own(session):
    assert bundle(session.run("md('# a')"))["text/html"] == "<h1>a</h1>"
    assert bundle(session.run("show(md('*a*'))"))["text/html"] == "<p><em>a</em></p>"
    assert session.run("latex(1/2)").value == r"\frac{1}{2}"
    assert bundle(session.run("html('<i>a</i>')"))["text/html"] == "<i>a</i>"


def test_an_error_in_executed_code_names_both_places(session):
    run = session.run("a = 1\nsalvus.execute('b = 2\\n\\n1/0')")
    assert (run.error["name"], run.error["line"]) == ("ZeroDivisionError", 2)
    assert '<earlier cell>", line 3, in <module>\n    1/0' in run.error["traceback"]
