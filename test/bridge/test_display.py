"""Values as bundles of MIME types."""

from __future__ import annotations

import base64

import pytest


def forms(run):
    return run.displays[-1]["data"]


def test_a_plot_is_a_vector_graphic(session):
    data = forms(session.run("plot(sin(x), (x, 0, 2*pi))"))
    assert data["image/svg+xml"].lstrip().startswith("<?xml")
    assert "</svg>" in data["image/svg+xml"]
    assert data["text/plain"].startswith("Graphics object")


def test_a_plot_that_would_be_a_huge_vector_graphic_is_a_png(client):
    run = client.run("points([(random(), random()) for _ in range(20000)])", limits={"cpuMs": 60000})
    assert "image/svg+xml" not in forms(run)
    assert base64.b64decode(forms(run)["image/png"]).startswith(b"\x89PNG")


def test_a_reader_can_ask_for_png(session):
    run = session.run(
        "from sage.repl.rich_output import get_display_manager\n"
        "get_display_manager().preferences.graphics = 'raster'\nplot(x)"
    )
    assert base64.b64decode(forms(run)["image/png"]).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "code",
    [
        "plot(x).show()",
        "show(plot(x))",
        "graphs.PetersenGraph()",
        "show(graphs.PetersenGraph())",
        "line([(10,0),(10,15)])",
        "graphics_array([plot(x), plot(x^2)])",
        "show(plot(x), figsize=3)",
    ],
)
def test_graphics_of_every_kind_are_images(session, code):
    run = session.run(code)
    assert run.status == "ok", run.error
    assert "image/svg+xml" in forms(run)
    assert len(run.displays) == 1


def test_two_plots_in_a_row_do_not_overlay(session):
    first = forms(session.run("plot(x)"))["image/svg+xml"]
    second = forms(session.run("plot(x)"))["image/svg+xml"]
    assert abs(len(first) - len(second)) < 200


def test_a_scene_is_an_image_or_says_why_not(client):
    data = forms(client.run("sphere()", limits={"cpuMs": 60000}))
    if "image/png" in data:
        assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    else:
        assert "could not be drawn" in data["text/plain"]


def test_typeset_adds_tex_to_values_that_have_it_and_only_when_asked(session):
    assert forms(session.run("x^2/3", typeset=True))["text/latex"] == r"$\displaystyle \frac{1}{3} \, x^{2}$"
    assert set(forms(session.run("x^2/3"))) == {"text/plain"}
    assert "text/latex" not in forms(session.run("'text'", typeset=True))
    assert "text/latex" not in forms(session.run("plot(x)", typeset=True))
    assert r"\mathbf{Q}" in forms(session.run("QQ", typeset=True))["text/latex"]
    assert "text/latex" in forms(session.run("[1/2, x]", typeset=True))


def test_show_brings_text_and_tex(session):
    run = session.run("show(x^2)\npretty_print(matrix(2, [1, 2, 3, 4]))\nshow('a', 1/2)")
    assert [sorted(output["data"]) for output in run.displays] == [["text/latex", "text/plain"]] * 3
    assert not any(output["result"] for output in run.displays)
    assert run.displays[1]["data"]["text/plain"] == "[1 2]\n[3 4]"
    assert run.displays[2]["data"]["text/latex"] == r"$\displaystyle \text{a}\ \frac{1}{2}$"


@pytest.mark.parametrize(
    ("shown", "tex"),
    [
        (r"'100% of a_b, #1 & c^d~', 5", r"\text{100% of a_b, #1 & c^d~}\ 5"),
        (r"'{x} costs $5, a\\b', 5", r"\text{\{x\} costs \$5, a\\b}\ 5"),
        (r"'two\nlines', 5", r"\text{two lines}\ 5"),
        (r"LatexExpr(r'\det'), x, LatexExpr('=')", r"\det\ x\ ="),
        (r"['a_b', 'c-d e', '50%', '{x}']", r"\left[\texttt{a_b}, \texttt{c-d e}, \texttt{50%}, \texttt{\{x\}}\right]"),
        (r"{'k_1': x}", r"\left\{\texttt{k_1} : x\right\}"),
    ],
)
def test_texts_among_formulas_are_written_as_a_page_reads_them(session, shown, tex):
    found = forms(session.run(f"show({shown})"))["text/latex"]
    assert found == rf"$\displaystyle {tex}$"


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        ("'a_b is 5% of {x}'", "a_b is 5% of {x}"),
        ("Partition([2, 1])", "┌┬┐\n├┼┘\n└┘"),
        ("BinaryTree([None, []])", "o\n ╲\n  o"),
    ],
)
def test_what_no_page_can_typeset_is_shown_as_text(session, shown, text):
    found = forms(session.run(f"show({shown})"))
    assert set(found) == {"text/plain"}
    assert "\n".join(line.rstrip() for line in found["text/plain"].split("\n")) == text
    assert "text/latex" not in forms(session.run(shown, typeset=True))


@pytest.mark.parametrize("shown", ["Tableau([[1, 2], [3]])", "DyckWord([1, 0])", "PlanePartition([[1]])"])
def test_what_sage_draws_in_some_form_is_shown_in_that(session, shown):
    draws = session.run(f"print(hasattr(type({shown}), '_repr_svg_'))").stdout == "True\n"
    for code in (shown, f"show({shown})"):
        assert ("image/svg+xml" in forms(session.run(code))) == draws
        assert "text/latex" not in forms(session.run(code))


def test_tex_needs_nothing_that_only_pages_of_sage_know(session):
    assert (
        forms(session.run("show(Integers(8), QQ)"))["text/latex"]
        == r"$\displaystyle \mathbf{Z}/8\mathbf{Z}\ \mathbf{Q}$"
    )
    assert (
        forms(session.run("show('p', Partition([2, 1]))"))["text/latex"] == r"$\displaystyle \text{p}\ \text{[2, 1]}$"
    )


def test_formulas_of_html_have_signs_that_they_are_some(session):
    bare = r"\begin{align*} a \end{align*}"
    assert forms(session.run(f"html(r'<b>{bare}</b>')"))["text/html"] == rf"<b>\[{bare}\]</b>"
    for marked in (rf"\[ {bare} \]", rf"\[{bare}\]"):
        assert forms(session.run(f"html(r'<b>{marked}</b>')"))["text/html"] == f"<b>{marked}</b>"


def test_what_is_html_stays_html_beside_other_values(session):
    assert forms(session.run("show(html('<b>hi</b>'), x^2, 'a<b')"))["text/html"] == r"<b>hi</b> \(x^{2}\) a&lt;b"
    assert "<td" in forms(session.run("show('Table:', table([[1, x^2]]))"))["text/html"]


def test_html_tables_and_strings_are_html(session):
    assert forms(session.run("html('<b>hi</b> $x^2$')"))["text/html"].startswith("<b>hi</b>")
    assert "<table" in forms(session.run("table([[1, 2], [3, x^2]])"))["text/html"]
    assert "script" not in forms(session.run("table([[1, x^2]])"))["text/html"]
    assert forms(session.run("show(html('<i>x</i>'))"))["text/html"] == "<i>x</i>"


def test_latex_prints_its_source(session):
    assert session.run("latex(x^2/3)").value == r"\frac{1}{3} \, x^{2}"
    assert session.run("print(latex(1/2))").stdout == "\\frac{1}{2}\n"


def test_every_bundle_has_plain_text(session):
    for code in ("1", "x", "[1, 'a', None]", "{1: 2}", "html('x')", "plot(x)", "ZZ", "float(1)", "b'x'", "lambda: 0"):
        assert "text/plain" in forms(session.run(code)), code


def test_matplotlib_figures_are_images_and_show_closes_them(session):
    run = session.run("import matplotlib.pyplot as plt\nplt.plot([1, 2, 3])\nplt.show()\nprint(plt.get_fignums())")
    assert "image/svg+xml" in run.displays[0]["data"]
    assert run.stdout == "[]\n"
    assert "image/svg+xml" in forms(session.run("f = plt.figure(); plt.plot([1, 2]); f"))


def test_jupyters_conventions_are_followed_for_foreign_objects(session):
    code = "class A:\n    def _repr_html_(self): return '<b>A</b>'\n    def __repr__(self): return 'plain A'\nA()"
    assert forms(session.run(code)) == {"text/plain": "plain A", "text/html": "<b>A</b>"}


def test_a_value_that_cannot_be_shown_says_why(session):
    run = session.run("class A:\n    def __repr__(self): raise ValueError('no')\nA()")
    assert "ValueError" in (run.error["name"] if run.status == "error" else run.value)
    assert session.run("1").value == "1"


def test_a_huge_value_is_cut(session):
    run = session.run("'a' * 3000000")
    assert run.status == "ok"
    assert len(run.value) < 1_100_000


def test_what_only_a_window_of_its_own_could_show_is_an_error(session):
    error = session.run("Graph({0: [1]}).show(method='js')").error
    assert (error["name"], "window of its own" in error["message"]) == ("RuntimeError", True)
    assert "image/svg+xml" in str(session.run("Graph({0: [1]}).show()").displays)
