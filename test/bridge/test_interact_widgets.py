"""Interacts that Jupyter's widgets are made for: Sage's library of them, ``ipywidgets.interact``, widgets as controls."""

from __future__ import annotations

import pytest
from bridge_client import Client, Session
from interact_page import changes, make, of_frame, own, views


@pytest.fixture(scope="module")
def notebook(shared_bridge):
    """A session for many tests, since importing the library takes longer than each of them."""
    client = Client(shared_bridge).auth()
    session = Session(client).open()
    assert session.run("import ipywidgets").status == "ok"
    yield session
    session.close()
    client.close()


#: Sage's library, and how many controls each has at least; but for one that takes many seconds to draw its primes.
LIBRARY = {
    "demo": 2,
    "calculus.taylor_polynomial": 3,
    "calculus.definite_integral": 5,
    "calculus.function_derivative": 4,
    "calculus.difference_quotient": 5,
    "calculus.quadratic_equation": 3,
    "calculus.trigonometric_properties_triangle": 3,
    "calculus.bisection_method": 5,
    "calculus.secant_method": 5,
    "calculus.newton_method": 5,
    "calculus.trapezoid_integration": 6,
    "calculus.simpson_integration": 6,
    "calculus.riemann_sum": 6,
    "calculus.function_tool": 7,
    "geometry.unit_circle": 2,
    "geometry.special_points": 5,
    "statistics.coin": 2,
    "fractals.mandelbrot": 5,
    "fractals.julia": 5,
    "fractals.cellular_automaton": 2,
}


@pytest.mark.parametrize("name", LIBRARY)
def test_every_interact_of_sages_library_is_shown_and_runs(notebook, name):
    run, view = make(notebook, f"interacts.{name}()")
    assert (run.status, run.error) == ("ok", None)
    assert len(view.controls) >= LIBRARY[name]
    assert of_frame(run, view.id)
    # Headings need no name beside them.
    assert not any(control["label"] for control in view.controls.values() if control["control"] == "html")


def test_what_the_reader_chooses_reaches_an_interact_of_the_library(notebook):
    _, view = make(notebook, "interacts.demo()")
    assert view.frame(notebook, n=3, m=9).stdout == "12\n"
    _, view = make(notebook, "interacts.calculus.taylor_polynomial()")
    frame = view.frame(notebook, f="cos(x)", order=4)
    assert (frame.status, frame.error) == ("ok", None)
    assert any("x^{4}" in output["data"]["text/html"] for output in frame.displays if "text/html" in output["data"])


def test_interact_of_ipywidgets_makes_one_as_in_jupyter(notebook):
    code = "@ipywidgets.interact\ndef f(n=(0, 10), x=2.5, on=True, s='a', c=['p', 'q']):\n    print(n, x, on, s, c)"
    run, view = make(notebook, code)
    assert own(run) == ["display:interact f: n = 5, x = 2.5, on = True, s = 'a', c = p"]
    assert run.stdout == "5 2.5 True a p\n"
    kinds = [control["control"] for control in view.controls.values()]
    assert kinds == ["slider", "slider", "checkbox", "text", "choice"]
    assert view.frame(notebook, n=7, x=-1, on=False, s="b", c=1).stdout == "7 -1.0 False b q\n"


def test_its_value_is_shown_and_what_is_fixed_is_passed(notebook):
    code = "ipywidgets.interact(lambda n, m: n + m, n=(0, 10), m=ipywidgets.fixed(1/2));"
    run, view = make(notebook, code)
    assert list(view.controls) == ["n"]
    assert of_frame(run, view.id) == ["display:11/2"]
    assert of_frame(view.frame(notebook, n=2), None) == ["display:5/2"]


def test_interactive_is_shown_as_a_value_and_keeps_its_result(notebook):
    code = "def f(a=1):\n    return a^2\nw = ipywidgets.interactive(f, a=(0, 9)); w"
    run, view = make(notebook, code)
    assert of_frame(run, view.id) == []
    assert view.frame(notebook, a=3).status == "ok"
    assert notebook.run("w.result, w.kwargs").value == "(9, {'a': 3})"


def test_a_manual_one_waits_for_its_button(notebook):
    code = "@ipywidgets.interact_manual\ndef f(n=(0, 10)):\n    print(n)"
    _, view = make(notebook, code)
    assert view.told["updates"] == ["auto_update"]
    assert view.controls["auto_update"]["labels"] == ["Run Interact"]
    assert view.frame(notebook, n=7, auto_update=0).stdout == "7\n"


def test_an_error_within_is_told_with_its_line(notebook):
    code = "@ipywidgets.interact\ndef f(n=(0, 10)):\n    print('n')\n    1/(n - 5)"
    run, _ = make(notebook, code)
    assert (run.status, run.error["name"], run.error["line"]) == ("error", "ZeroDivisionError", 4)


CONTROLS = {
    "IntSlider(3, 0, 9, 3)": ("slider", "3", 2, "6"),
    "FloatSlider(0.5, min=0, max=1, step=0.1)": ("slider", "0.5", 0.25, "0.25"),
    "IntRangeSlider(value=(2, 5), min=0, max=9)": ("slider", "(2, 5)", [3, 4], "(3, 4)"),
    "FloatRangeSlider(value=(0.5, 1), min=0, max=2)": ("slider", "(0.5, 1.0)", [0, 2], "(0.0, 2.0)"),
    "FloatLogSlider(10, base=10, min=-1, max=2, step=1)": ("slider", "10.0", 3, "100.0"),
    "BoundedIntText(3, 0, 5)": ("text", "3", "9", "5"),
    "SelectionSlider(options=['a', 'b'])": ("slider", "a", 1, "b"),
    "SelectionRangeSlider(options=['a', 'b', 'c'], index=(0, 1))": ("slider", "('a', 'b')", [1, 2], "('b', 'c')"),
    "Dropdown(options=[('one', 1), ('two', 2)])": ("choice", "1", 1, "2"),
    "RadioButtons(options=['a', 'b'], value='b')": ("choice", "b", 0, "a"),
    "ToggleButtons(options=['a', 'b'])": ("choice", "a", 1, "b"),
    "Select(options=[sin, cos])": ("choice", "sin", 1, "cos"),
    "SelectMultiple(options=['a', 'b'], value=('a',))": ("text", "('a',)", "('a', 'b')", "('a', 'b')"),
    "Checkbox(True)": ("checkbox", "True", False, "False"),
    "ToggleButton(False)": ("checkbox", "False", True, "True"),
    "Text('a')": ("text", "a", "b", "b"),
    "Textarea('a')": ("text", "a", "b\nc", "b\nc"),
    "IntText(3)": ("text", "3", "4", "4"),
    "FloatText(1.5)": ("text", "1.5", "1/4", "0.25"),
    "ColorPicker(value='#ff0000')": ("color", "#ff0000", "#00ff00", "#00ff00"),
}


@pytest.mark.parametrize("made", CONTROLS)
def test_a_widget_is_a_control_of_interact(notebook, made):
    kind, first, chosen, then = CONTROLS[made]
    if notebook.run(f"hasattr(ipywidgets, {made.partition('(')[0]!r})").value == "False":
        pytest.skip(f"this Sage's ipywidgets has no {made.partition('(')[0]}")
    _, view = make(notebook, f"@interact\ndef f(w=ipywidgets.{made}):\n    print(w)")
    assert view.controls["w"]["control"] == kind
    assert view.controls["w"]["label"] == "w"
    assert view.frame(notebook, ["x"]).stdout == f"{first}\n"
    assert view.frame(notebook, w=chosen).stdout == f"{then}\n"
    assert view.frame(notebook, ["x"]).stdout == f"{then}\n"


def test_a_label_a_description_and_a_default_go_as_with_other_controls(notebook):
    code = (
        "IntSlider = ipywidgets.IntSlider\n@interact\n"
        "def f(a=IntSlider(1, 0, 5, description='here'), b=('there', IntSlider(1, 0, 5)), c=(4, IntSlider(1, 0, 5))):\n"
        "    print(a, b, c)"
    )
    run, view = make(notebook, code)
    assert [control["label"] for control in view.controls.values()] == ["here", "there", "c"]
    assert run.stdout == "1 1 4\n"


def test_a_widget_that_another_one_moves_is_moved_in_the_page(notebook):
    code = (
        "IntSlider = ipywidgets.IntSlider\na, b = IntSlider(2, 0, 5), IntSlider(1, 0, 2)\n"
        "a.observe(lambda change: setattr(b, 'max', change['new']), 'value')\n"
        "ipywidgets.interact(lambda a, b: print(a, b), a=a, b=b);"
    )
    _, view = make(notebook, code)
    frame = view.frame(notebook, a=5)
    (change,) = changes(frame)
    assert [(one["name"], one["max"]) for one in change["controls"]] == [("b", 5)]
    assert "unchanged" not in frame.done


def test_a_run_that_gives_a_widget_another_value_changes_the_session(notebook):
    _, view = make(notebook, "w = ipywidgets.IntSlider(3)\n@interact\ndef f(n=w):\n    print(n)")
    frame = view.frame(notebook, n=5)
    assert (frame.stdout, "unchanged" in frame.done) == ("5\n", False)
    assert notebook.run("w.value").value == "5"


def test_a_widget_refuses_what_it_cannot_hold(notebook):
    _, view = make(notebook, "@ipywidgets.interact\ndef f(n=ipywidgets.IntText(3)):\n    print(n)")
    frame = view.frame(notebook, n="sin(x)")
    assert frame.status == "error"
    assert frame.error["message"].startswith("control 'n': ")
    assert view.frame(notebook, n="17").stdout == "17\n"


def test_a_slider_without_room_and_a_colour_by_name_do_as_they_can(notebook):
    code = (
        "@ipywidgets.interact\n"
        "def f(n=ipywidgets.IntSlider(3, 3, 3), c=ipywidgets.ColorPicker(value='rebeccapurple')):\n    print(n, c)"
    )
    run, view = make(notebook, code)
    assert run.stdout == "3 rebeccapurple\n"
    assert view.frame(notebook, ["x"]).stdout == "3 rebeccapurple\n"


def test_a_widget_that_two_interacts_share_moves_in_both_as_in_jupyter(notebook):
    code = (
        "IntSlider = ipywidgets.IntSlider\nshared = IntSlider(0, 0, 9)\n"
        "for _ in range(2):\n    ipywidgets.interact(lambda n, m: print(n + m), n=shared, m=IntSlider(0, 0, 9))"
    )
    one, other = views(notebook.run(code))
    assert one.frame(notebook, n=2).stdout == "2\n"
    frame = other.frame(notebook, m=5)
    assert frame.stdout == "7\n"
    (change,) = changes(frame)
    assert [(control["name"], control["value"]) for control in change["controls"]] == [("n", 2)]
