"""``%`` modes: where they are seen and what each does; other systems are in ``test_systems``."""

from __future__ import annotations

import re

import pytest


def lines(run):
    return run.stdout.splitlines()


def bundle(run):
    return run.displays[-1]["data"]


# ---- where a mode is seen ----


def test_a_mode_alone_on_the_first_line_takes_the_rest(session):
    assert session.run("%python\n2^3").value == "1"
    assert session.run("%python\na = 1\n\nb = 2\na ^ b").value == "3"


def test_a_mode_with_text_takes_its_line_alone(session):
    run = session.run("a = 2\n%python b = 2^3\n(a^3, b)")
    assert run.value == "(8, 1)"


def test_blank_lines_and_comments_may_come_before_the_first_mode(session):
    assert session.run("\n# a remark\n%python\n2^3").value == "1"


def test_modes_nest_the_first_outermost(session):
    run = session.run("%capture(stdout='kept')\n%time\n%python\nprint(2^3)")
    assert run.outputs == []
    kept = session.run("print(kept)").stdout
    assert kept.startswith("1\nCPU time:")


def test_a_lone_mode_in_the_middle_takes_what_follows(session):
    run = session.run("print(2^3)\n%python\nprint(2^3)\nprint(3^1)")
    assert lines(run) == ["8", "1", "2"]


@pytest.mark.parametrize(
    "code,value",
    [
        ("a = 7; b = 4\na % b", "3"),
        ("a = 7; b = 4\na % \\\nb", "3"),
        ("b = 4\nx = (7\n% b)\nx", "3"),
        ("python = 4\nx = [7\n%python]\nx", "[3]"),
        ("b = 4\ny = 7 \\\n% b\ny", "3"),
        ('s = """\n%time 2\n"""\ns', r"'\n%time 2\n'"),
        ("s = '''it's\n!ls\n'''\ns", '"it\'s\\n!ls\\n"'),
        ("s = 'a\\\n%md b'\ns", "'a%md b'"),
        ("s = '%d' % 3\ns", "'3'"),
        ("'%time'", "'%time'"),
        ("# don't (\n%python 2^3", "1"),
        ("if True:\n    a = 7\n    a %= 4\na", "3"),
        ("d = {'(': 1}\n%python d", "{'(': 1}"),
        ("x = 'a' # it's [\n%python x", "'a'"),
        ("1 != 2", "True"),
    ],
)
def test_only_a_statement_in_the_first_column_can_be_a_mode(session, code, value):
    run = session.run(code)
    assert run.status == "ok", run.error
    assert run.value == value


def test_a_percent_sign_that_is_no_mode_is_a_syntax_error_of_python(session):
    run = session.run("% b")
    assert (run.error["name"], run.error["line"]) == ("SyntaxError", 1)


def test_crlf_and_other_alphabets_are_welcome(session):
    assert session.run("%python\r\n2^3\r\n").value == "1"
    assert bundle(session.run("%md\r\n# Größe 数 😀\r\n"))["text/html"] == "<h1>Größe 数 😀</h1>"


def test_an_unknown_mode_says_which_there_are(session):
    run = session.run("1\n%nonsense x")
    assert run.error["name"] == "NameError"
    assert "%nonsense" in run.error["message"]
    assert "%timeit" in run.error["message"]
    assert run.error["line"] == 2


def test_arguments_of_a_mode_must_be_its_own_and_be_closed(session):
    assert session.run("%time(3)\n2").error["name"] == "TypeError"
    assert session.run("%capture(nothing=3)\n2").error["name"] == "TypeError"
    run = session.run("1\n%capture(stdout='a'\n2")
    assert (run.error["name"], run.error["line"]) == ("SyntaxError", 2)


def test_nothing_runs_when_a_later_line_cannot_be_compiled(session):
    run = session.run("print('early')\n%time 2+2\nfor")
    assert run.stdout == ""
    assert (run.error["name"], run.error["line"]) == ("SyntaxError", 3)


def test_an_error_ends_the_cell_and_names_the_readers_own_line(session):
    run = session.run("%time\n%sage\n\nx = 1\n1/0\nprint('never')")
    assert (run.status, run.error["name"], run.error["line"]) == ("error", "ZeroDivisionError", 5)
    assert run.stdout == ""
    run = session.run("a = 1\n%python 1/0\nprint('never')")
    assert run.error["line"] == 2
    assert "%python 1/0" in run.error["traceback"]
    assert "sage_bridge" not in run.error["traceback"]
    run = session.run("%python\nx = 1\n\nx = = 2")
    assert (run.error["name"], run.error["line"]) == ("SyntaxError", 4)


def test_the_last_value_of_a_mode_is_the_result_and_underscore(session):
    run = session.run("%sage\n2^3")
    assert run.displays[-1]["result"]
    assert session.run("_ + 1").value == "9"


# ---- the reader's own modes ----


def test_a_function_of_a_string_is_a_mode(session):
    session.run("def count(text): return len(text)")
    assert session.run("%count\nabc").value == "3"
    assert session.run("%count abcd").value == "4"


def test_what_a_function_returns_as_text_is_run(session):
    run = session.run("def double(text): return text + '\\n' + text\n%double print(2^3)")
    assert lines(run) == ["8", "8"]


def test_arguments_go_to_the_function_or_make_it(session):
    session.run("def times(n):\n    return lambda text: text * n\ndef loud(text, mark='!'):\n    print(text + mark)")
    assert session.run("%times(3) 7").value == "777"
    assert session.run("%loud(mark='?') hm").stdout == "hm?\n"
    assert session.run("n = 2\n%times(n^2 - 2) 7").value == "77"


def test_an_object_with_eval_is_a_mode(session):
    session.run("class Echo:\n    def eval(self, text): return text.upper()\necho = Echo()")
    assert session.run("%echo\nhi\nyou").stdout == "HI\nYOU\n"


def test_a_function_that_makes_names_makes_them_for_the_reader(session):
    session.run("%var a b\n%time 1")
    assert session.run("a + b").value == "a + b"
    session.run("x = 5\n%reset x")
    assert session.run("x").value == "x"


def test_an_error_in_a_readers_mode_names_the_line_of_its_use(session):
    run = session.run("def bad(text):\n    raise ValueError(text)\n\n%bad x")
    assert (run.error["name"], run.error["message"]) == ("ValueError", "x")
    assert run.error["line"] in (2, 4)
    assert "line 4" in run.error["traceback"]


def test_what_is_no_mode_says_so(session):
    run = session.run("n = 3\n%n x")
    assert "is no mode" in run.error["message"]


# ---- modes of the session ----


def test_a_default_mode_holds_for_later_cells_until_it_is_ended(session):
    session.run("%default_mode python")
    assert session.run("2^3").value == "1"
    assert session.run("%sage 2^3").value == "8"
    assert session.run("%sage\n2^3").value == "8"
    assert session.run("x = 1\n1/0").error["line"] == 2
    session.run("%default_mode sage")
    assert session.run("2^3").value == "8"


def test_a_default_mode_begins_at_once(session):
    assert session.run("%default_mode md\n# Hi").displays[0]["data"]["text/html"] == "<h1>Hi</h1>"
    assert session.run("*you*").displays[0]["data"]["text/html"] == "<p><em>you</em></p>"


def test_a_default_mode_must_be_a_mode(session):
    assert session.run("%default_mode nonsense").error["name"] == "NameError"
    assert session.run("%default_mode hide").error["name"] == "ValueError"
    assert session.run("2^3").value == "8"


def test_typeset_mode_holds_for_the_session(session):
    assert "text/latex" in bundle(session.run("%typeset_mode True\nQQ(1/3)"))
    assert bundle(session.run("x = var('x'); x^2"))["text/latex"] == r"$\displaystyle x^{2}$"
    session.run("%typeset_mode display")
    assert bundle(session.run("x^2"))["text/latex"] == "$$x^{2}$$"
    session.run("%typeset_mode False")
    assert set(bundle(session.run("x^2"))) == {"text/plain"}
    assert session.run("%typeset_mode perhaps").error["name"] == "ValueError"


@pytest.mark.parametrize("mode", ["%hide", "%hide input", "%hide output", "%hideall", "%auto", "%auto True"])
def test_modes_that_concern_the_page_are_not_in_the_way(session, mode):
    run = session.run(f"{mode}\n%time\n2^3")
    assert (run.status, run.displays[-1]["data"]["text/plain"]) == ("ok", "8")


# ---- timing and capture ----


def test_time_tells_the_time_after_what_was_shown(session):
    run = session.run("%time plot(x)")
    assert "image/svg+xml" in run.outputs[0]["data"]
    assert re.fullmatch(r"CPU time: \d+\.\d\d s, Wall time: \d+\.\d\d s\n", run.stdout)
    assert run.outputs[-1]["kind"] == "stream"
    assert re.search(r"Wall time: 0\.\d\d s", session.run("%time sleep(float(0.05))").stdout)


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("time 2+2", "4"),
        ("time factor(2^67-1)", "193707721 * 761838257287"),
        ("a = 3\ntime b = a^2\ntime b + 1", "10"),
        ("s = '''\ntime flies\n'''\ntime len(s)", "12"),
        ("import time\ntime 7", "7"),
    ],
)
def test_time_needs_no_sign_where_python_knows_no_other_meaning(session, code, value):
    run = session.run(code)
    assert (run.status, run.value) == ("ok", value)
    assert "Wall time" in run.stdout


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("time = 3; time + 1", "4"),
        ("time = 3\ntime -1", "2"),
        ("from time import time\ntime() > 0", "True"),
        ("import time\ntime.sleep(0); time.tzname is not None", "True"),
        ("f = lambda time: time\nf(time=5)", "5"),
    ],
)
def test_time_stays_a_name_like_any_other(session, code, value):
    run = session.run(code)
    assert (run.status, run.value, run.stdout) == ("ok", value, "")


def test_timeit_needs_no_sign_either(session):
    assert "loops, best of" in session.run("timeit 2+2").stdout


def test_what_is_wrong_elsewhere_is_told_as_before_and_nothing_runs(session):
    run = session.run("print(1)\ntime 2+2\nx = = 3")
    assert (run.stdout, run.error["name"], run.error["line"]) == ("", "SyntaxError", 2)
    run = session.run("print(1)\ntime flies like")
    assert (run.error["name"], run.error["line"]) == ("SyntaxError", 2)


def test_timeit_tells_loops_and_the_best(session):
    assert re.match(r"\d+ loops, best of 3: [\d.]+ \S+ per loop\n", session.run("%timeit 2+2").stdout)
    assert "5 loops, best of 2" in session.run("%timeit number=5, repeat=2\na = 3\na^2").stdout
    assert "5 loops" in session.run("%timeit(number=5) 2^3").stdout
    assert session.run("%timeit (").error["name"] == "SyntaxError"


def test_prun_names_the_functions_that_took_the_time(session):
    run = session.run("def slow(n):\n    return sum(range(n))\n%prun\nslow(100000)")
    assert run.value == "4999950000"
    assert "(slow)" in run.stdout
    assert "cumulative" in run.stdout
    assert "sage_bridge" not in run.stdout and "_run" not in run.stdout
    assert run.done["pure"] is False
    assert session.run("%prun 1/0").error["name"] == "ZeroDivisionError"


def test_capture_keeps_both_streams_of_code_and_of_programs(session):
    run = session.run(
        "%capture(stdout='a', stderr='b')\nimport sys, os\nprint('one')\nos.system('echo two; echo three >&2')"
        "\nsys.stderr.write('four')\nNone"
    )
    assert run.outputs == []
    assert session.run("(a, b)").value == r"('one\ntwo\n', 'three\nfour')"


def test_capture_can_append_echo_and_call(session):
    session.run("%capture stdout='a'\nprint(1)")
    assert session.run("%capture(stdout='a', append=True, echo=True)\nprint(2)").stdout == "2\n"
    assert session.run("a").value == r"'1\n2\n'"
    session.run("seen = []\n%capture(stdout=seen.append) print(3)")
    assert session.run("seen").value == r"['3\n']"


def test_an_error_within_capture_gives_the_streams_back(session):
    assert session.run("%capture(stdout='a')\n1/0").status == "error"
    assert session.run("print('here')").stdout == "here\n"


# ---- text ----


def test_markdown_is_shown_as_html_and_kept_as_source(session):
    data = bundle(session.run("%md\n# A $x_1*y$\n\n* **b** and `c<d`\n\n[e](https://example.org) <b>f</b>"))
    assert data["text/markdown"].startswith("# A")
    assert data["text/html"] == (
        "<h1>A \\(x_1*y\\)</h1>\n<ul>\n<li><strong>b</strong> and <code>c&lt;d</code></li>\n</ul>\n"
        '<p><a href="https://example.org">e</a> <b>f</b></p>'
    )
    assert data["text/plain"] == data["text/markdown"]


def test_markdown_has_tables_code_quotes_and_numbered_lists(session):
    text = "| a | b |\n|--:|---|\n| 1 | 2 |\n\n```python\nx<1\n```\n> q\n\n3. c\n4. d\n   - e"
    html = bundle(session.run(f"%md\n{text}"))["text/html"]
    assert '<th style="text-align: right">a</th><th>b</th>' in html
    assert '<pre><code class="language-python">x&lt;1\n</code></pre>' in html
    assert "<blockquote>\n<p>q</p>\n</blockquote>" in html
    assert '<ol start="3">\n<li>c</li>\n<li>d\n<ul>\n<li>e</li>\n</ul></li>\n</ol>' in html


def test_markdown_never_makes_a_link_that_runs_a_script(session):
    assert "javascript" not in bundle(session.run("%md [a](javascript:alert) ![b](JavaScript:alert)"))["text/html"]


@pytest.mark.parametrize("seed", ["*", "[", "> ", "`", "$", "- ", "<", "_a", "(", "[a](", "**a", "$a ", "|", "~~a"])
def test_no_markdown_takes_long(session, seed):
    run = session.run("%md\n" + seed * (20_000 // len(seed)))
    assert run.status == "ok"
    assert run.done["cpuMs"] < 2_000


def test_html_latex_and_javascript_are_handed_to_the_page(session):
    assert bundle(session.run("%html <b>x</b> $y$"))["text/html"] == r"<b>x</b> \(y\)"
    assert bundle(session.run("%latex\n\\frac{1}{2}"))["text/latex"] == r"\frac{1}{2}"
    mixed = bundle(session.run("%latex\nWe see $x^2$ here."))
    assert mixed["text/html"] == r"<p>We see \(x^2\) here.</p>"
    script = bundle(session.run("%javascript\nalert(1)"))
    assert script == {"application/javascript": "alert(1)", "text/plain": "alert(1)"}


def test_text_is_put_into_a_file(session):
    run = session.run("%file a.py\ndef f(n):\n    return n^2 # %md")
    assert [output["name"] for output in run.outputs] == ["a.py"]
    assert session.run("load('a.py'); f(3)").value == "1"
    session.run("%%writefile 'b.sage'\ng(y) = y^2\n")
    assert session.run("load('b.sage'); g(3)").value == "9"
    assert session.run("%file\nx").error["name"] == "ValueError"


# ---- habits from elsewhere ----


def test_two_signs_are_one(session):
    assert session.run("%%python\n2^3").value == "1"
    assert session.run("%%time\n%%python\n2^3").displays[0]["data"]["text/plain"] == "1"


@pytest.mark.parametrize(
    "line",
    [
        "%matplotlib inline",
        "%load_ext cython",
        "%reload_ext x",
        "%autoreload 2",
        "%config InlineBackend.figure_format = 'svg'",
    ],
)
def test_settings_of_jupyter_s_own_are_in_nobody_s_way(session, line):
    run = session.run(f"{line}\n2^3")
    assert (run.error, run.value) == (None, "8")
    # Alone, and behind something else.
    assert session.run(line).error is None
    assert session.run(f"a = 2\n{line}\na^3").value == "8"


def test_the_name_of_a_class_of_sage_s_does_not_hide_a_mode(session):
    session.run("R = type('R', (), {'eval': lambda self, code: code})")
    run = session.run("%%R\n1+1")
    assert "1+1" not in run.stdout
    assert "[1] 2" in run.stdout or run.error["name"] == "NotInstalledError"
    # What the reader made goes before it.
    session.run("R = QQ['x']")
    assert session.run("%%R\n1+1").value == "2"


def test_display_is_understood(session):
    assert "text/latex" in bundle(session.run("%display latex\nQQ(1/3)"))
    assert session.run("%display unicode_art\nmatrix(2, [1, 2, 3, 4])").value == "⎛1 2⎞\n⎝3 4⎠"
    assert set(bundle(session.run("%display plain\nQQ(1/3)"))) == {"text/plain"}
    assert session.run("%display nonsense").error["name"] == "ValueError"


def test_other_names_of_modes_are_known_unless_they_are_the_readers_own(session):
    assert session.run("%%bash\necho hi").stdout == "hi\n"
    assert bundle(session.run("%markdown *a*"))["text/html"] == "<p><em>a</em></p>"
    assert session.run("%python3\n2^3").value == "1"
    session.run("def markdown(text): return len(text)")
    assert session.run("%markdown *a*").value == "3"


def test_many_modes_in_one_cell_take_no_long(session):
    run = session.run("%python 1\n" * 5_000)
    assert run.status == "ok"
    assert session.run("%time\n" * 5_000).status == "error"
    assert session.run("2^3").value == "8"


def test_what_the_session_was_told_about_typesetting_wins_over_the_page(session):
    assert "text/latex" in bundle(session.run("QQ(1/3)", typeset=True))
    session.run("%typeset_mode False")
    assert "text/latex" not in bundle(session.run("QQ(1/3)", typeset=True))


def test_an_interrupt_within_capture_gives_the_streams_back(session):
    execution = session.start("import sys\nsys.stderr.write('go')\n%capture(stdout='a') sleep(20)")
    session.wait_output(execution, "go")
    session.send("interrupt", execution=execution)
    assert session.client.finish(execution).status == "interrupted"
    assert session.run("print('here')").stdout == "here\n"
