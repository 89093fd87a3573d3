"""Which control an argument gets, what the page is told of it, and what the function gets of what the page says."""

from __future__ import annotations

import pytest
from bridge_client import Client, Session
from interact_page import make


@pytest.fixture(scope="module")
def shared(shared_bridge):
    """One session for all cases, since none of them minds the others."""
    client = Client(shared_bridge).auth()
    session = Session(client).open()
    yield session
    session.close()
    client.close()


def one(session, argument, name="a", body="print(repr(a), type(a).__name__)"):
    """The view of an interact with one argument, its control, and what its first call printed."""
    run, view = make(session, f"@interact\ndef f({name}={argument}):\n    {body}")
    assert run.status == "ok", run.error
    return view, view.controls[name], run.stdout


#: Default value, fields of its control, what the function gets at first.
INFERRED = [
    ("'text'", {"control": "text", "value": "text", "isCode": False, "lines": 1}, "'text' str"),
    ("''", {"control": "text", "value": "", "isCode": False}, "'' str"),
    ("True", {"control": "checkbox", "value": True}, "True bool"),
    ("False", {"control": "checkbox", "value": False}, "False bool"),
    ("3", {"control": "text", "value": "3", "isCode": True}, "3 Integer"),
    ("x^2", {"control": "text", "value": "x^2", "isCode": True}, "x^2 Expression"),
    ("None", {"control": "text", "value": "None", "isCode": True}, "None NoneType"),
    ("{1: 2}", {"control": "text", "value": "{1: 2}", "isCode": True}, "{1: 2} dict"),
    ("sin", {"control": "text", "value": "sin", "isCode": True}, "sin Function_sin"),
    ("[1]", {"control": "buttons", "labels": ["1"]}, "1 Integer"),
    ("[(1, 'one')]", {"control": "buttons", "labels": ["one"]}, "1 Integer"),
    ("[1..5]", {"control": "choice", "look": "buttons", "value": 0, "labels": ["1", "2", "3", "4", "5"]}, "1 Integer"),
    ("[1..6]", {"control": "choice", "look": "list", "value": 0}, "1 Integer"),
    ("['b', 'c']", {"control": "choice", "labels": ["b", "c"]}, "'b' str"),
    ("[(2, 'two'), (3, 'three')]", {"control": "choice", "labels": ["two", "three"]}, "2 Integer"),
    ("[sin, cos, tan]", {"control": "choice", "labels": ["sin", "cos", "tan"]}, "sin Function_sin"),
    ("range(3)", {"control": "choice", "look": "buttons", "labels": ["0", "1", "2"]}, "0 int"),
    ("range(9)", {"control": "choice", "look": "list"}, "0 int"),
    (
        "(1..4)",
        {"control": "slider", "value": 0, "min": 0, "max": 3, "step": 1, "labels": ["1", "2", "3", "4"]},
        "1 Integer",
    ),
    ("(k^2 for k in range(3))", {"control": "slider", "labels": ["0", "1", "4"]}, None),
    ("(0, 10)", {"control": "slider", "value": 0, "min": 0, "max": 10, "step": 0.04}, "0.0 float"),
    ("(0, 2*pi)", {"control": "slider", "value": 0, "min": 0}, "0.0 float"),
    ("(1/2, 3/2)", {"control": "slider", "value": 0.5, "min": 0.5, "max": 1.5}, "0.5 float"),
    ("(0, 1, 1/2)", {"control": "slider", "value": 0, "labels": ["0", "1/2", "1"]}, "0 Rational"),
    ("[2.5, 10.0, 1e30, 0.1]", {"control": "choice", "labels": ["2.5", "10", "1e30", "0.1"]}, None),
    ("(1, 2, 3, 5)", {"control": "slider", "value": 0, "labels": ["1", "2", "3", "5"]}, "1 Integer"),
    ("('p', 'q', 'r')", {"control": "slider", "labels": ["p", "q", "r"]}, "'p' str"),
    ("('Label', 3)", {"control": "text", "label": "Label", "value": "3"}, "3 Integer"),
    ("('Label', 'text')", {"control": "text", "label": "Label", "value": "text", "isCode": False}, "'text' str"),
    ("('Label', (2, [1, 2, 3]))", {"control": "choice", "label": "Label", "value": 1}, "2 Integer"),
    ("('Label', (3, (0, 10)))", {"control": "slider", "label": "Label", "value": 3, "max": 10}, "3.0 float"),
    ("(3, ('Label', (0, 10)))", {"control": "slider", "label": "Label", "value": 3, "max": 10}, "3.0 float"),
    ("(2, [1, 2, 3])", {"control": "choice", "value": 1}, "2 Integer"),
    ("(3, (1..5))", {"control": "slider", "value": 2}, "3 Integer"),
    ("(5, (0, 10))", {"control": "slider", "value": 5, "min": 0}, "5.0 float"),
    ("('Label', Checkbox(False))", {"control": "checkbox", "label": "Label", "value": False}, "False bool"),
    ("Color('red')", {"control": "color", "value": "#ff0000"}, "RGB color (1.0, 0.0, 0.0) Color"),
    ("matrix(2, [1, 2, 3, 4])", {"control": "grid", "value": [["1", "2"], ["3", "4"]]}, None),
    ("vector([1, 2])", {"control": "grid", "value": [["1", "2"]]}, None),
]


@pytest.mark.parametrize(("argument", "fields", "printed"), INFERRED)
def test_the_value_of_an_argument_says_which_control_it_gets(shared, argument, fields, printed):
    _, control, stdout = one(shared, argument)
    assert {name: control.get(name) for name in fields} == fields
    assert control["label"] == fields.get("label", "a")
    if printed is not None:
        assert stdout == f"{printed}\n"


def test_auto_update_is_a_button_only_where_it_is_false(shared):
    view, control, _ = one(shared, "False", "auto_update", "pass")
    assert (control["control"], view.told["updates"]) == ("buttons", ["auto_update"])
    assert one(shared, "True", "auto_update", "pass")[1]["control"] == "checkbox"


def test_an_argument_without_a_default_is_an_empty_box(shared):
    run, view = make(shared, "@interact\ndef f(self, a):\n    print(type(a).__name__)")
    assert (view.controls["a"]["value"], run.stdout) == ("", "SyntaxError\n")
    assert view.frame(shared, a="2+2").stdout == "Integer\n"


#: What makes a control, fields of it, values sent and what is printed of each.
MADE = [
    ("Checkbox(False, 'L', raw=True)", {"control": "checkbox", "label": "L"}, [(True, "True bool")]),
    ("InputBox(3, height=2, width=9, keypress=True)",
     {"value": "3", "lines": 2, "width": 9, "isEager": True, "isCode": False}, [("a\nb", "'a\\nb' str")]),
    ("InputBox('1', adapter=int)", {"value": "1"}, [("7", "7 int")]),
    ("ExpressionBox('x+1', width=20)", {"value": "x+1", "isCode": True, "width": 20},
     [("[1..3]", "[1, 2, 3] list"), ("2^3", "8 Integer"), ("1/0", "ZeroDivisionError('rational division by zero') "
      "ZeroDivisionError"), ("nothing", "NameError(\"name 'nothing' is not defined\") NameError")]),
    ("ExpressionBox(x, adapter=lambda e: e.degree(x))", {"value": "x"}, [("x^5", "5 Expression")]),
    ("InputGrid(2, 2, 1, width=3)", {"value": [["1", "1"], ["1", "1"]], "width": 3},
     [([["1", "x"], ["2^2", "'s'"]], "[[1, x], [4, 's']] list")]),
    ("InputGrid(1, 2, [5, 6], evaluate=False)", {"value": [["5", "6"]]}, [([["a", "b"]], "[['a', 'b']] list")]),
    ("InputGrid(2, 1, (k for k in [1, 2]), adapter=flatten, element_adapter=lambda e: e+1)", {"value": [["1"], ["2"]]},
     [([["1"], ["4"]], "[2, 5] list")]),
    ("Selector([1, 2, 3], 2, 'radio', ncols=2)", {"look": "radio", "value": 1, "columns": 2}, [(2, "3 Integer")]),
    ("Selector([(1, 'one'), (2, 'two')], selector_type='button', nrows=2)",
     {"look": "buttons", "labels": ["one", "two"], "columns": 1}, [(1, "2 Integer")]),
    ("Selector(['a', None, True, 1], selector_type='unknown')", {"look": "list", "value": 0},
     [(1, "None NoneType"), (2, "True bool"), (3, "1 Integer")]),
    ("DiscreteSlider([1, 2, 4, 8], 5, display_value=False)", {"value": 2, "showsValue": False}, [(3, "8 Integer")]),
    ("DiscreteSlider([1..5], (2, 4), range_slider=True)", {"value": [1, 3]}, [([4, 0], "(1, 5) tuple")]),
    ("ContinuousSlider((0, 1), 3, stepsize=0.1)", {"value": 1, "step": 0.1}, [(0.55, "0.55 float"), (1, "1.0 float")]),
    ("ContinuousSlider((0, 1), steps=4, range_slider=True)", {"value": [0, 1], "step": 0.25},
     [([0.75, 0.25], "(0.25, 0.75) tuple")]),
    ("ContinuousSlider((0, 1), adapter=lambda v: QQ(v))", {"value": 0}, [(0.5, "1/2 Rational")]),
    ("MultiSlider(2, interval=[(0, 1), (0, 10)], steps=[10])",
     {"value": [0, 0], "sliders": [{"min": 0, "max": 1, "step": 0.1}, {"min": 0, "max": 10, "step": 1}]},
     [([0.5, 7], "[0.5, 7.0] list")]),
    ("MultiSlider(2, values=[[1, 2], ['a', 'b']], slider_type='discrete', default=[2, 'b'])", {"value": [1, 1]},
     [([0, 1], "[1, 'b'] list")]),
    ("ColorSelector('blue', hide_input=True)", {"value": "#0000ff", "showsValue": False},
     [("#FF0000", "RGB color (1.0, 0.0, 0.0) Color")]),
    ("ColorSelector((0, 1, 0), sage_color=False)", {"value": "#00ff00"}, [("#ff0000", "'#ff0000' str")]),
    ("Button(default=0, value=1, text='Go', width=6)", {"control": "buttons", "labels": ["Go"], "width": 6},
     [(0, "1 Integer"), (None, "0 Integer")]),
    ("ButtonBar([(1, '+1'), (-1, '-1')], default=0, ncols=1)", {"labels": ["+1", "-1"], "columns": 1},
     [(1, "-1 Integer"), (None, "0 Integer")]),
    ("HtmlBox('<b>a</b>')", {"control": "html", "html": "<b>a</b>", "label": ""}, []),
    ("UpdateButton()", {"control": "buttons", "labels": ["Update"], "label": ""}, [(0, "'' str")]),
    ("slider(1, 5, 1)", {"labels": ["1", "2", "3", "4", "5"], "value": 0}, [(4, "5 Integer")]),
    ("slider(1, 5, 1, 3, 'L', False)", {"value": 2, "label": "L", "showsValue": False}, []),
    ("slider([2, 3, 5])", {"labels": ["2", "3", "5"]}, [(1, "3 Integer")]),
    ("slider(0, 1, 0.3)", {"max": 4}, [(4, "1 Integer")]),
    ("slider(10)", {"max": 499}, [(499, "10.0 float")]),
    ("slider(0, 100000, 1)", {"max": 499}, [(499, "100000 Integer")]),
    ("slider(srange(1000))", {"max": 499}, [(499, "999 Integer")]),
    ("slider(-0.3, 0.1, 0.1)", {"labels": ["-0.3", "-0.2", "-0.1", "0", "0.1"]},
     [(3, "0.000000000000000 RealNumber"), (2, "-0.100000000000000 RealNumber")]),
    ("(-0.3, 0.1, 0.1)", {"labels": ["-0.3", "-0.2", "-0.1", "0", "0.1"]}, [(3, "0.000000000000000 RealNumber")]),
    ("(0, 1, 1/3)", {"labels": ["0", "1/3", "2/3", "1"]}, [(1, "1/3 Rational")]),
    ("slider(srange(-2, 4, 0.1)[18:22])", {"labels": ["-0.2", "-0.1", "0", "0.1"]}, []),
    ("[float(1/3), float(0.1) + float(0.2), sqrt(2.0)]",
     {"labels": ["0.3333333333333333", "0.3", "1.4142135623731"]}, [(1, "0.30000000000000004 float")]),
    ("range_slider(-3, 3, 1, default=(-2, 2))", {"value": [1, 5]}, [([0, 6], "(-3, 3) tuple")]),
    ("input_box()", {"value": "None", "isCode": True, "width": 80}, [("3", "3 Integer")]),
    ("input_box('x^2', 'L')", {"value": "x^2", "isCode": True, "label": "L"}, []),
    ("input_box('text', type=str)", {"value": "text", "isCode": False}, [("b", "'b' str")]),
    ("input_box(3, type=float)", {"value": "3"}, [("4", "4.0 float"), ("x", None)]),
    ("input_box('a', height=3)", {"isCode": False, "lines": 3}, []),
    ("input_box(type=Color)", {"control": "color", "value": "#0000ff"}, []),
    ("color_selector((1, 0, 0), widget='colorpicker', hide_box=True)", {"value": "#ff0000", "showsValue": False}, []),
    ("selector([1, 2], 'L', 2)", {"look": "list", "value": 1, "label": "L"}, []),
    ("selector([1, 2], buttons=True)", {"look": "buttons"}, []),
    ("selector([1, 2, 3], nrows=1)", {"look": "buttons", "columns": 3}, []),
    ("selector(['go'], buttons=True)", {"control": "buttons", "labels": ["go"]}, []),
    ("input_grid(1, 3, default=[1, 2, 3], to_value=lambda v: vector(flatten(v)))", {"value": [["1", "2", "3"]], "width": 4}, []),
    ("input_grid(2, 2)", {"value": [["0", "0"], ["0", "0"]]}, []),
    ("input_grid(1, 1, type=str)", {"value": [[""]]}, [([["1"]], "[['1']] list")]),
    ("checkbox(False, 'L')", {"control": "checkbox", "value": False, "label": "L"}, []),
    ("text_control('<b>a</b>')", {"control": "html", "html": "<b>a</b>"}, []),
    ("button('Go')", {"control": "buttons", "labels": ["Go"]}, [(0, "'Go' str"), (None, "None NoneType")]),
]  # fmt: skip


@pytest.mark.parametrize(("made", "fields", "sent"), MADE)
def test_a_control_says_what_it_is_and_makes_what_the_function_gets(shared, made, fields, sent):
    view, control, _ = one(shared, made)
    assert {name: control.get(name) for name in fields} == fields
    for value, printed in sent:
        run = view.frame(shared, a=value)
        assert run.status == "ok", run.error
        if printed is not None:
            assert run.stdout == f"{printed}\n"


def test_a_matrix_and_a_vector_come_back_to_where_they_are_from(shared):
    view, _, _ = one(shared, "matrix(ZZ, 2, [1, 2, 3, 4])", body="print(a.parent(), a.list())")
    run = view.frame(shared, a=[["5", "6"], ["7", "2^3"]])
    assert run.stdout == "Full MatrixSpace of 2 by 2 dense matrices over Integer Ring [5, 6, 7, 8]\n"
    view, _, _ = one(shared, "vector(QQ, [1, 2])", body="print(a.parent(), a)")
    assert view.frame(shared, a=[["1/2", "3"]]).stdout == "Vector space of dimension 2 over Rational Field (1/2, 3)\n"


def test_a_grid_says_which_of_its_boxes_has_no_value(shared):
    view, _, _ = one(shared, "matrix(2)")
    run = view.frame(shared, a=[["1", "2"], ["(", "4"]])
    assert run.status == "error"
    assert run.error["message"].startswith("control 'a': row 2, column 1: '(' has no value (SyntaxError")


def test_a_control_object_belongs_to_one_interact_alone(shared):
    shared.run("c = slider(1, 5, 1)")
    _, first = make(shared, "@interact\ndef f(n=c):\n    print(n)")
    run, second = make(shared, "@interact\ndef g(n=c):\n    print(n)")
    run = shared.run("f.n = 4")
    assert shared.run("(f.n, g.n)").value == "(4, 1)"
    assert first.id != second.id
    assert run.status == "ok"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("Selector([])", "ValueError: there must be at least one value to choose"),
        ("Selector([1, 2], 3)", "ValueError: 3 is none of the values 1, 2"),
        ("Selector([1, 2, 3], nrows=1, ncols=2)", "ValueError: 3 values don't fit into 1 rows of 2"),
        ("Selector([1, 2, 3], ncols='2')", "TypeError: ncols must be an integer, not '2'"),
        ("Selector([1, 2, 3], nrows=0)", "ValueError: nrows must be at least 1, not 0"),
        ("Selector(range(10001))", "ValueError: a control has at most 10,000 values, not 10,001"),
        ("DiscreteSlider([1])", "ValueError: a slider needs at least two values"),
        ("DiscreteSlider(['a', 'b'], 'c')", "ValueError: 'c' is none of the values of the slider, nor near one"),
        (
            "DiscreteSlider([1, 2], 1, range_slider=True)",
            "ValueError: a slider with two handles takes a pair of values, not 1",
        ),
        ("ContinuousSlider((0, oo))", "ValueError: the upper end of a slider must be finite, not +Infinity"),
        ("ContinuousSlider((0, x))", "TypeError: the upper end of a slider must be a real number, not x"),
        (
            "MultiSlider(3, interval=[(0, 1), (0, 2)])",
            "ValueError: interval must have one entry, or one for each of the 3 sliders",
        ),
        (
            "MultiSlider(2, slider_type='other')",
            "ValueError: slider_type must be 'continuous' or 'discrete', not 'other'",
        ),
        ("slider(1, 2, 0)", "ValueError: step_size must be positive, not 0"),
        ("slider(2, 1)", "ValueError: a slider from 2 to 1 has no room to move"),
        ("InputGrid(2, 2, [1, 2, 3])", "ValueError: the grid takes 2 rows of 2, not [1, 2, 3]"),
        ("InputGrid(0, 2)", "ValueError: nrows must be at least 1, not 0"),
        ("InputGrid(100, 100)", "ValueError: a grid has at most 2,500 boxes, not 10,000"),
        ("InputBox('a' * 20000)", "ValueError: a control holds at most 16,384 characters, not 20,000"),
    ],
)
def test_what_makes_no_control_is_told(shared, code, message):
    error = shared.run(code).error
    assert f"{error['name']}: {error['message']}".startswith(message)


def test_other_widgets_for_colours_are_told_not_to_be_there(shared):
    run = shared.run("_ = color_selector(widget='farbtastic')")
    assert run.stdout == "The widget 'farbtastic' is not available: this colour is chosen by the page's own.\n"
