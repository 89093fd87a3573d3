"""The forms of interacts that pages are full of, each as its authors write it."""

from __future__ import annotations

from interact_page import changes, make, of_frame, own, views


def test_1_radio_buttons_with_a_blank_label(session):
    code = "@interact\ndef _(n=Selector(['a', 'b', 'c'], selector_type='radio', label=' ')):\n    print(n)"
    _, view = make(session, code)
    assert (view.controls["n"]["look"], view.controls["n"]["label"]) == ("radio", " ")
    assert view.frame(session, n=2).stdout == "c\n"


def test_2_a_push_button_with_a_counter(session):
    code = (
        "count = 0\n@interact\ndef _(go=Button(text='Push', default=0, value=1)):\n    global count\n    count += go\n"
        "    print('pushed', count)"
    )
    run, view = make(session, code)
    assert run.stdout == "pushed 0\n"
    assert view.frame(session, go=0).stdout == "pushed 1\n"
    assert view.frame(session, go=0).stdout == "pushed 2\n"
    assert view.frame(session, ["x"]).stdout == "pushed 2\n"


def test_3_a_bar_of_buttons_that_count_up_and_down(session):
    code = (
        "total = 0\n@interact\ndef _(step=ButtonBar([(1, '+1'), (-1, '-1')], default=0)):\n    global total\n"
        "    total += step\n    print(total)"
    )
    _, view = make(session, code)
    assert [view.frame(session, step=index).stdout for index in (0, 0, 1)] == ["1\n", "2\n", "1\n"]


def test_4_a_bank_of_sliders_beside_a_slider(session):
    code = (
        "sliders = 5\ninterval = [(0, 10)]*sliders\ndefault = [3]*sliders\n"
        "@interact\ndef _(n=MultiSlider(sliders=sliders, interval=interval, default=default), c=(1, 100)):\n"
        "    print('%.1f %s' % (c, [float(v) for v in n]))"
    )
    run, view = make(session, code)
    assert run.stdout == "1.0 [3.0, 3.0, 3.0, 3.0, 3.0]\n"
    assert view.frame(session, n=[1, 2, 3, 4, 5], c=50).stdout == "50.0 [1.0, 2.0, 3.0, 4.0, 5.0]\n"


def test_5_nested_where_the_inner_slider_depends_on_the_outer_value(session):
    code = (
        "@interact\ndef _(n=(0, 10, 1)):\n    @interact\n    def transformation(c=(0, n + 1, 1)):\n        print(n, c)"
    )
    run, outer = make(session, code)
    assert views(run)[1].controls["c"]["max"] == 1
    (inner,) = views(outer.frame(session, n=6))
    assert inner.controls["c"]["max"] == 7
    assert inner.frame(session, c=7).stdout == "6 7\n"


def test_6_nested_with_as_many_controls_as_the_outer_says(session):
    code = (
        "@interact\ndef _(n=slider(1, 4, 1)):\n    @interact(controls=[('x%d' % i, (0, 10)) for i in range(n)])\n"
        "    def inner(s='sum', **values):\n        print(s, sorted(values), sum(values.values()))"
    )
    _, outer = make(session, code)
    (inner,) = views(outer.frame(session, n=2))
    assert list(inner.controls) == ["s", "x0", "x1", "x2"]
    assert inner.frame(session, x0=1, x2=4).stdout == "sum ['x0', 'x1', 'x2'] 5.0\n"


def test_7_recursive(session):
    code = "@interact\ndef f(n=(0..3)):\n    print('n is', n)\n    if n > 0: interact(f)"
    _, first = make(session, code)
    run = first.frame(session, n=2)
    (second,) = views(run)
    assert own(run) == ["stdout:n is 2\n", "display:interact f: n = 0"]
    assert of_frame(run, second.id) == ["stdout:n is 0\n"]
    run = second.frame(session, n=1)
    (third,) = views(run)
    assert len({first.id, second.id, third.id}) == 3
    assert third.frame(session, n=0).stdout == "n is 0\n"


def test_8_what_changed(session):
    code = "@interact\ndef _(self, n=(1..5), m=(1..5)):\n    print(self._changed)"
    run, view = make(session, code)
    assert run.stdout == "['n', 'm']\n"
    assert view.frame(session, m=2).stdout == "['m']\n"


def test_9_controls_are_added_and_removed_while_it_runs(session):
    code = (
        "@interact\ndef f(self, n=slider(0, 5, 1), **others):\n    for i in range(n):\n"
        "        if 'x%d' % i not in dir(self): setattr(self, 'x%d' % i, (0, 10))\n"
        "    for i in range(n, 5):\n        if 'x%d' % i in dir(self): delattr(self, 'x%d' % i)\n"
        "    print(sorted(others))"
    )
    _, view = make(session, code)
    run = view.frame(session, n=2)
    assert [control["name"] for change in changes(run) for control in change["controls"]] == ["x0", "x1"]
    view.values.update(x0=3, x1=4)
    assert view.frame(session, ["x0"]).stdout == "['x0', 'x1']\n"
    run = view.frame(session, n=1)
    assert [change["removed"] for change in changes(run)] == [["x1"]]


def test_10_locations_in_the_page(session):
    code = "@interact(locations={'n': '#n', '_output': '#out'})\ndef _(n=(1..5)):\n    print(n)"
    run, view = make(session, code)
    assert run.status == "ok"
    assert "locations= has no effect here" in run.stderr
    assert view.frame(session, n=1).stdout == "2\n"


def test_11_controls_alone(session):
    run, view = make(session, "@interact(output=False)\ndef _(n=(1..5)):\n    global chosen\n    chosen = n")
    assert own(run) == ["display:interact: n = 1"]
    view.frame(session, n=3)
    assert session.run("chosen").value == "4"


def test_12_to_be_read_only(session):
    _, view = make(session, "@interact(readonly=True)\ndef _(n=(1..5)):\n    print(n)")
    assert view.told["isReadonly"] is True


def test_13_a_matrix_with_an_update_button(session):
    code = "@interact\ndef _(m=('matrix', identity_matrix(2)), auto_update=False):\n    print(m.det(), m.trace())"
    run, view = make(session, code)
    assert (run.stdout, view.told["updates"]) == ("1 2\n", ["auto_update"])
    assert view.frame(session, m=[["2", "0"], ["0", "3"]], auto_update=0).stdout == "6 5\n"


def test_14_a_layout_by_places(session):
    code = (
        "@interact(layout=dict(top=[['a', 'b']], left=[['c']], bottom=[['d']]))\n"
        "def _(a=x^2, b=(0, 10), c=[1, 2], d=True):\n    print(a, c, d)"
    )
    _, view = make(session, code)
    assert view.rows == [["a", "b"], ["c"], ["_output"], ["d"]]


def test_15_a_label_around_a_value_around_a_slider(session):
    _, view = make(session, "@interact\ndef _(n=('Number', (5, (0, 10)))):\n    print(n)")
    control = view.controls["n"]
    assert (control["label"], control["value"], control["max"]) == ("Number", 5, 10)


def test_16_a_value_before_a_list(session):
    run, view = make(session, "@interact\ndef _(n=(3, [1, 2, 3])):\n    print(n)")
    assert (run.stdout, view.controls["n"]["value"]) == ("3\n", 2)


def test_17_a_slider_over_functions(session):
    run, view = make(session, "@interact\ndef _(f=slider([sin, cos, tan])):\n    print(f(0))")
    assert view.controls["f"]["labels"] == ["sin", "cos", "tan"]
    assert (run.stdout, view.frame(session, f=1).stdout) == ("0\n", "1\n")


def test_18_a_grid_that_becomes_a_vector(session):
    code = (
        "@interact\ndef _(v=input_grid(1, 3, default=[[1, 2, 3]], label='v', to_value=lambda x: vector(flatten(x)))):\n"
        "    print(v*v)"
    )
    run, view = make(session, code)
    assert (run.stdout, view.frame(session, v=[["1", "1", "1"]]).stdout) == ("14\n", "3\n")


def test_19_a_colour(session):
    code = (
        "@interact\ndef _(c=color_selector('red', widget='colorpicker')):\n    print(c.html_color())\n"
        "    show(circle((0, 0), 1, rgbcolor=c))"
    )
    _, view = make(session, code)
    run = view.frame(session, c="#00ff00")
    assert run.stdout == "#00ff00\n"
    assert "image/svg+xml" in run.displays[0]["data"]


def test_20_a_zoom_with_two_handles(session):
    code = "@interact\ndef _(zoom=range_slider(-3, 3, default=(-3, 3))):\n    print(zoom[0], zoom[1])\n    plot(x, (x, zoom[0], zoom[1]))"
    run, view = make(session, code)
    assert run.stdout == "-3.0 3.0\n"
    assert view.frame(session, zoom=[0, 249]).status == "ok"


def test_21_one_that_raises(session):
    run, view = make(session, "@interact\ndef _(n=(1..3)):\n    raise ValueError('no %s' % n)")
    assert of_frame(run, view.id) == ["stdout:Interact state: {'n': 1}\n", "error"]
    assert view.frame(session, n=1).error["message"] == "no 2"


def test_22_a_plot_in_space(session):
    run, view = make(
        session,
        "@interact\ndef _(n=(1..3)):\n    show(sphere((0, 0, 0), n))",
    )
    assert run.status == "ok"
    frame = view.frame(session, n=1)
    assert (frame.status, len(frame.displays)) == ("ok", 1)


def test_23_state_from_run_to_run(session):
    code = "seen = []\n@interact\ndef _(n=(1..9)):\n    seen.append(n)\n    print(seen)"
    _, view = make(session, code)
    assert [view.frame(session, n=k).stdout for k in (3, 5)] == ["[1, 4]\n", "[1, 4, 6]\n"]


def test_24_two_in_one_cell(session):
    code = "@interact\ndef f(n=(1..3)):\n    print('f', n)\n@interact\ndef g(n=(1..3)):\n    print('g', n)"
    run = session.run(code)
    first, second = views(run)
    assert [of_frame(run, one.id) for one in (first, second)] == [["stdout:f 1\n"], ["stdout:g 1\n"]]
    assert [one.frame(session, n=2).stdout for one in (first, second, first)] == ["f 3\n", "g 3\n", "f 3\n"]


def test_25_a_bookmark_does_no_harm_and_a_frame_restores_its_values(session):
    code = "@interact\ndef f(n=(1..5), s='a'):\n    print(n, s)\nf._bookmark('mine', {'n': 3, 's': 'b'})"
    run, view = make(session, code)
    assert run.status == "ok"
    assert view.frame(session, n=2, s="b").stdout == "3 b\n"


def test_26_shared_values_are_one_frame(session):
    code = "@interact\ndef f(n=(1..5), m=matrix(1, 2), on=True, c=Color('red')):\n    print(n, m.list(), on, c.html_color())"
    _, view = make(session, code)
    run = view.frame(session, n=4, m=[["7", "8"]], on=False, c="#0000ff")
    assert run.stdout == "5 [7, 8] False #0000ff\n"
