"""Parts that need no Sage and no process: framing, schema, limits, line maps, pieces."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from sage_bridge import messages, processes, schema, wire
from sage_bridge.execution import Execution, pieces
from sage_bridge.interact import control
from sage_bridge.limits import MAX_STREAM_LENGTH, RunLimits
from sage_bridge.sandbox import sweep


def test_frames_survive_any_cut():
    messages = [{"type": "a", "text": "é漢😀"}, {}, {"n": [1, 2.5, None]}]
    data = b"".join(map(wire.encode, messages))
    for size in (1, 2, 3, 7, len(data)):
        reader = wire.FrameReader(1000)
        frames = [frame for start in range(0, len(data), size) for frame in reader.feed(data[start : start + size])]
        assert [json.loads(body) for _, body in frames] == messages


def test_a_frame_out_of_bounds_is_an_error():
    for length in (0, 101):
        with pytest.raises(wire.FrameError):
            wire.FrameReader(100).feed(length.to_bytes(4, "big"))
    assert wire.FrameReader(100).feed((100).to_bytes(4, "big") + b"j" + b"x" * 99) == [(b"j", b"x" * 99)]


def test_lone_surrogates_never_reach_the_wire():
    body = wire.encode({"text": "a\ud800b\udc00\ud83d\ude00"})[5:]
    assert json.loads(body.decode()) == {"text": "a\ufffdb\ufffd😀"}


@pytest.fixture(scope="module")
def judge():
    return messages.Judge(messages.load()["bridgeCommand"])


def execute(**fields):
    return json.dumps({"type": "execute", "execution": "e", "session": "s", "code": "1", **fields})


@pytest.mark.parametrize(
    "text",
    [
        execute(),
        execute(code="x" * 65536),
        execute(code="😀" * 32768),
        execute(limits={"wallMs": 1}),
        execute(limits={"wallMs": 1.5, "cpuMs": 2}),
        execute(limits={}),
        execute(typeset=True, language="python", stateless=False),
        '{"type":"ack","session":"s","seq":9007199254740991}',
        '{"type":"ack","session":"s","seq":1.0}',
        '{"type":"ack","session":"s","seq":1e3}',
        ' \n{"type":"ping"}\t',
        '{"type":"ping","type":"ping"}',
        '{"type":"ping","nonce":1e300}',
        '{"type":"ping","nonce":' + "1" * 300 + "}",
    ],
)
def test_a_good_message_is_accepted(judge, text):
    assert judge.read(text)["type"] in judge.types


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (execute(code="x" * 65537), "code"),
        (execute(code="😀" * 32769), "code"),
        (execute(limits={"wallMs": 0}), "limits.wallMs"),
        (execute(limits={"wallMs": True}), "limits.wallMs"),
        (execute(limits={"wallMs": None}), "limits.wallMs"),
        (execute(limits=[]), "limits"),
        (execute(typeset=1), "typeset"),
        (execute(language="ruby"), "language"),
        (execute(execution=""), "execution"),
        (execute(execution="a" * 65), "execution"),
        (execute(execution="a\n"), "execution"),
        (execute(execution="ä"), "execution"),
        (execute(extra=1), "extra"),
        ('{"type":"ack","session":"s","seq":9007199254740992}', "seq"),
        ('{"type":"ack","session":"s","seq":-1}', "seq"),
        ('{"type":"ack","session":"s","seq":1.5}', "seq"),
        ('{"type":"ack","session":"s","seq":"1"}', "seq"),
        ('{"type":"ack","session":"s"}', "seq"),
    ],
)
def test_a_bad_message_names_the_field(judge, text, field):
    with pytest.raises(messages.Problem) as caught:
        judge.read(text)
    assert (caught.value.code, caught.value.field) == ("bad-message", field)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nul",
        "{]",
        '{"a":NaN}',
        '{"a":Infinity}',
        '\ufeff{"type":"ping"}',
        '{"type":"ping"}x',
        "'a'",
        '{"a":01}',
        '"\t"',
    ],
)
def test_what_is_not_json_is_refused(judge, text):
    with pytest.raises(messages.Problem) as caught:
        judge.read(text)
    assert caught.value.code == "bad-message"


def test_nesting_is_bounded(judge):
    deep = '{"type":"ping","nonce":' + "[" * 16 + "]" * 16 + "}"
    with pytest.raises(messages.Problem, match="nested deeper than 16"):
        judge.read(deep)


def test_an_unknown_keyword_of_a_schema_is_never_ignored():
    with pytest.raises(ValueError, match="multipleOf"):
        schema.compile_schema({"type": "integer", "multipleOf": 2})


@pytest.mark.parametrize(
    "rule",
    [
        {"pattern": "^[A-Za-z0-9_-]{1,64}$"},
        {"pattern": "^[a-z]{2,3}$", "minLength": 3},
        {"pattern": "^[^a]{1,3}$"},
        {"pattern": "^[a-z]+$", "maxLength": 3},
        {"maxLength": 5},
        {"minLength": 2, "maxLength": 4},
        {"const": "abc"},
        {"enum": ["abc", "-"]},
        {},
    ],
)
def test_a_text_is_judged_the_same_by_itself_and_as_a_field(rule):
    rule = {"type": "string", **rule}
    alone = schema.compile_schema(rule)
    field = schema.compile_schema({"type": "object", "properties": {"a": rule}, "required": ["a"]})
    texts = [
        "",
        "a",
        "-",
        "ab",
        "abc",
        "abc\n",
        "\nabc",
        "abcd",
        "é",
        "😀😀",
        "\ud800",
        "a b",
        "A_-9",
        "x" * 64,
        "x" * 65,
    ]
    for text in [*texts, 1, None, ["a"]]:
        fault = alone(text)
        assert field({"a": text}) == (None if fault is None else ("a", fault[1])), text
    assert field({}) == ("a", "a value")


def test_judging_a_usual_message_is_quick(judge):
    import timeit

    text = execute(code="integrate(sin(x)^2, x)", typeset=True)
    assert min(timeit.repeat(lambda: judge.read(text), number=200, repeat=5)) / 200 < 50e-6


def test_the_limits_of_controls_are_those_of_the_wire():
    agreed = json.loads((Path(schema.__file__).parent / "protocol.schema.json").read_text())["limits"]
    here = {name: value for name, value in vars(control).items() if name.startswith("MAX_")}
    assert here == {name: value for name, value in agreed.items() if name.startswith("MAX_CONTROL")}


def test_limits_are_lowered_and_never_raised():
    limits = RunLimits(1000, 500)
    assert limits.lowered(None) is limits
    assert limits.lowered({"wallMs": 10}) == RunLimits(10, 500)
    assert limits.lowered({"wallMs": 1e12, "cpuMs": float("inf")}) == limits


@pytest.mark.parametrize("text", ["a" * 100_000, "😀" * 40_000, "é" * 32_769, ""])
def test_pieces_are_short_enough_for_javascript_and_complete(text):
    parts = pieces(text)
    assert "".join(parts) == text
    assert all(len(part.encode("utf-16-le")) // 2 <= MAX_STREAM_LENGTH for part in parts)


def test_an_execution_marks_dropped_output_once():
    execution = Execution({"execution": "e", "code": ""}, RunLimits(1, 1), 0.0)
    assert execution.admit(10_000_000) is None
    assert "dropped" in execution.admit(1_000_000)
    assert execution.admit(1) == ""
    assert execution.truncated


@pytest.mark.parametrize("pid", [0, 1, -1])
def test_no_signal_goes_to_a_group_or_to_everybody(pid):
    with pytest.raises(ValueError, match=str(pid)):
        processes.send(pid, 0)
    with pytest.raises(ValueError, match=str(pid)):
        sweep(pid)


def test_the_end_of_a_process_is_explained():
    assert "SIGSEGV" in processes.explain(11)
    assert "SIGKILL" in processes.explain(9)
    assert "exit code 3" in processes.explain(3 << 8)
    assert "not known" in processes.explain(None)


def test_the_clock_of_a_process_is_read():
    assert processes.cpu_seconds(os.getpid()) > 0
    assert processes.cpu_seconds(2**22 - 1) == 0.0
