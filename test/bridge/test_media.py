"""Figures, animations, sound, and objects of every kind."""

from __future__ import annotations

import base64
import io
import shutil
import subprocess
import wave

import pytest


def bundle(run):
    assert run.displays, run.error
    return run.displays[-1]["data"]


def images(run):
    return [output["data"] for output in run.displays if any(kind.startswith("image/") for kind in output["data"])]


# ---- figures ----


def test_a_figure_left_open_is_shown_at_the_end_and_closed(session):
    run = session.run("import matplotlib.pyplot as plt\nfig = plt.figure()\nplt.plot([1, 2])\nNone")
    assert len(images(run)) == 1
    assert session.run("plt.get_fignums()").value == "[]"
    assert images(session.run("1")) == []


def test_each_figure_is_shown_once(session):
    session.run("import matplotlib.pyplot as plt")
    assert len(images(session.run("f = plt.figure(); plt.plot([1, 2]); f"))) == 1
    assert len(images(session.run("f = plt.figure(); plt.plot([1, 2]); show(f)"))) == 1
    assert len(images(session.run("plt.plot([1, 2]); plt.show()"))) == 1
    assert len(images(session.run("fig, ax = plt.subplots(); ax.plot([1, 2]); ax"))) == 1
    assert len(images(session.run("for i in range(2):\n    plt.figure(); plt.plot([1, i])"))) == 2


def test_an_empty_figure_is_not_shown(session):
    assert images(session.run("import matplotlib.pyplot as plt\nf = plt.figure()")) == []


def test_figures_do_not_overlay_those_of_earlier_cells(session):
    session.run("import matplotlib.pyplot as plt\nplt.plot([1, 2]); 1/0")
    run = session.run("plt.plot([1, 2]); len(plt.gca().lines)")
    assert run.displays[0]["data"]["text/plain"] == "1"


def test_a_figure_is_shown_before_the_error_that_followed_it(session):
    run = session.run("import matplotlib.pyplot as plt\nplt.plot([1, 2])\n1/0")
    assert [output["kind"] for output in run.outputs] == ["display", "error"]


def test_a_figure_that_cannot_be_drawn_is_an_error_and_the_session_lives(session):
    run = session.run("import matplotlib.pyplot as plt\nplt.title('$\\\\nonsense{$')\nNone")
    assert run.error["name"] == "ValueError" or "ParseSyntax" in run.error["name"], run.error
    assert session.run("2+2").value == "4"


# ---- animations ----


def test_an_animation_is_a_gif_of_all_its_frames(session):
    run = session.run("animate([line([(0, 0), (1, k)], figsize=2) for k in [1, 2, 3]])", limits={"cpuMs": 60_000})
    from PIL import Image

    data = base64.b64decode(bundle(run)["image/gif"])
    with Image.open(io.BytesIO(data)) as picture:
        assert (picture.n_frames, picture.info["loop"], picture.info["duration"]) == (3, 0, 200)
    assert bundle(run)["text/plain"] == "Animation with 3 frames"


def test_an_animation_takes_its_delay_and_says_when_a_film_cannot_be_made(session):
    run = session.run(
        "import os; os.environ['PATH'] = '/nowhere'\n"
        "show(animate([line([(0, 0), (1, k)], figsize=2) for k in [1, 2]]), delay=50, iterations=2, format='webm')"
    )
    from PIL import Image

    with Image.open(io.BytesIO(base64.b64decode(bundle(run)["image/gif"]))) as picture:
        assert (picture.n_frames, picture.info["loop"], picture.info["duration"]) == (2, 1, 500)
    assert "webm needs ffmpeg" in bundle(run)["text/plain"]


def test_a_film_is_added_where_there_is_ffmpeg(session):
    run = session.run(
        "import os\nos.mkdir('.bin')\nwith open('.bin/ffmpeg', 'w') as f: "
        "print('#!/bin/sh\\nfor last; do :; done; echo film > $last', file=f)\n"
        "os.chmod('.bin/ffmpeg', 0o755); os.environ['PATH'] = os.path.abspath('.bin') + ':' + os.environ['PATH']\n"
        "show(animate([line([(0, 0), (1, k)], figsize=2) for k in [1, 2]]))"
    )
    assert base64.b64decode(bundle(run)["video/mp4"]) == b"film\n"
    assert "image/gif" in bundle(run)


@pytest.mark.parametrize(("kind", "sign"), [("mp4", b"ftyp"), ("webm", b"\x1aE\xdf\xa3")])
def test_a_film_that_ffmpeg_makes_plays_as_long_as_the_animation(session, kind, sign, tmp_path):
    if shutil.which("ffmpeg") is None:
        pytest.skip("ffmpeg is not installed on this machine; the film is tested with a stand-in only")
    run = session.run(
        f"show(animate([line([(0, 0), (1, k)], figsize=2) for k in [1, 2, 3]]), delay=50, format={kind!r})",
        limits={"cpuMs": 60_000},
    )
    assert run.error is None
    data = base64.b64decode(bundle(run)[f"video/{kind}"])
    assert sign in data[:12]
    (tmp_path / "film").write_bytes(data)
    told = subprocess.run(
        ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", str(tmp_path / "film")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert 1.0 <= float(told.stdout) <= 2.0


def test_a_film_that_cannot_be_made_is_told_of(session):
    run = session.run(
        "import os\nos.mkdir('.bad')\nwith open('.bad/ffmpeg', 'w') as f: print('#!/bin/sh\\nexit 1', file=f)\n"
        "os.chmod('.bad/ffmpeg', 0o755); os.environ['PATH'] = os.path.abspath('.bad') + ':' + os.environ['PATH']\n"
        "show(animate([line([(0, 0), (1, k)], figsize=2) for k in [1, 2]]), format='webm')"
    )
    assert "video/webm" not in bundle(run)
    assert "ffmpeg could not make" in bundle(run)["text/plain"]


def test_an_animation_of_matplotlib_is_a_gif_and_not_a_figure_too(session):
    run = session.run(
        "import matplotlib.pyplot as plt\nfrom matplotlib.animation import FuncAnimation\nfig, ax = plt.subplots()\n"
        "FuncAnimation(fig, lambda i: ax.plot([int(0), int(i)]), frames=int(2), interval=int(100))",
        limits={"cpuMs": 60_000},
    )
    assert [sorted(data)[0] for data in images(run)] == ["image/gif"]


# ---- sound ----


def test_sound_is_a_wav(session):
    run = session.run("salvus.sound([sin(2*pi*440*t/8000.) for t in range(800)], 8000)")
    with wave.open(io.BytesIO(base64.b64decode(bundle(run)["audio/wav"]))) as sound:
        assert (sound.getnchannels(), sound.getframerate(), sound.getnframes()) == (1, 8000, 800)
    assert bundle(run)["text/plain"] == "Sound, 0.10 s"


def test_sound_has_channels_and_refuses_what_is_none(session):
    run = session.run("import numpy as np\nsalvus.sound(np.zeros((2, 100), dtype=np.int16), 4000)")
    with wave.open(io.BytesIO(base64.b64decode(bundle(run)["audio/wav"]))) as sound:
        assert (sound.getnchannels(), sound.getnframes()) == (2, 100)
    assert session.run("salvus.sound([])").error["name"] == "ValueError"


def test_jupyters_sound_is_a_wav_too(session):
    run = session.run("import numpy\nfrom IPython.display import Audio\nAudio(numpy.ones(int(99)), rate=int(8000))")
    assert base64.b64decode(bundle(run)["audio/wav"]).startswith(b"RIFF")


# ---- objects of every kind ----


@pytest.mark.parametrize(
    "code,text",
    [
        ("matrix(2, [1, 2, 3, 4])", "[1 2]\n[3 4]"),
        ("import numpy\nnumpy.array([int(1), int(2)])", "array([1, 2])"),
        ("Word('abba')", "word: abba"),
        ("Knot([[1, 5, 2, 4], [3, 1, 4, 6], [5, 3, 6, 2]])", "Knot represented by 3 crossings"),
        ("Partition([3, 1])", "[3, 1]"),
        ("Permutation([2, 1])", "[2, 1]"),
        ("SymmetricGroup(3)", "Symmetric group of order 3! as a permutation group"),
        ("EllipticCurve([0, 1])", "Elliptic Curve defined by y^2 = x^3 + 1 over Rational Field"),
        ("x == 1", "x == 1"),
        ("None", None),
    ],
)
def test_values_have_their_text(session, code, text):
    run = session.run(("" if "x ==" not in code else "x = var('x')\n") + code)
    assert run.status == "ok", run.error
    assert (run.value if run.displays else None) == text


@pytest.mark.parametrize(
    "code",
    ["graphs.PetersenGraph()", "posets.BooleanLattice(2)", "plot(x)", "list_plot([1, 2])", "matrix_plot([[1, 2]])",
     "polygon([(0, 0), (1, 0), (0, 1)])", "graphics_array([plot(x), plot(x)])", "plot(x) + plot(x^2)",
     "DiGraph({0: [1]})", "polytopes.simplex(2).plot()", "complex_plot(x, (-1, 1), (-1, 1))"],
)  # fmt: skip
def test_everything_drawn_is_an_image_with_a_text(session, code):
    run = session.run(code, limits={"cpuMs": 60_000})
    assert len(images(run)) == 1, run.outputs
    assert bundle(run)["text/plain"]


def test_a_table_and_a_data_frame_are_html(session):
    assert "<table" in bundle(session.run("table([[1, 2], [3, 4]])"))["text/html"]
    frame = (
        "class DataFrame:\n    def _repr_html_(self): return '<table class=\"dataframe\"></table>'\n"
        "    def __repr__(self): return '   a\\n0  1'\n"
    )
    data = bundle(session.run(frame + "DataFrame()"))
    assert data == {"text/plain": "   a\n0  1", "text/html": '<table class="dataframe"></table>'}


def test_a_picture_of_pil_is_a_png(session):
    data = bundle(session.run("from PIL import Image\nImage.new('RGB', (2, 2))"))
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert "image/jpeg" not in data


def test_jupyters_bundles_are_honoured(session):
    code = (
        "class A:\n    def _repr_mimebundle_(self, include=None, exclude=None):\n"
        "        return {'text/html': '<b>', 'image/png': b'12', 'No Type': 'x', 'text/n': 3}, {'facts': 1}\n"
        "    def _repr_latex_(self): return '$x$'\n    def _repr_svg_(self): return None\nA()"
    )
    data = bundle(session.run(code))
    assert {kind: data[kind] for kind in data if kind != "text/plain"} == {
        "text/html": "<b>",
        "image/png": "MTI=",
        "text/latex": "$x$",
    }


@pytest.mark.parametrize("method", ["__repr__", "_repr_html_", "_repr_mimebundle_", "_latex_"])
@pytest.mark.parametrize("fault", ["raise ValueError('no')", "raise SystemExit", "return self.a.b", "return f(self)"])
def test_a_fault_in_showing_a_value_is_an_error_and_the_session_lives(session, method, fault):
    code = f"def f(a): return f(a)\nclass A:\n    def {method}(self): {fault}\n"
    for use in ("A()", "show(A())", "print(1); A()"):
        run = session.run(code + use, typeset=True)
        assert run.status in ("ok", "error")
        assert run.error is not None or run.displays
        assert session.run("2+2").value == "4"


def test_a_number_of_a_million_digits_is_shown(session):
    assert len(session.run("10^999999", limits={"cpuMs": 20_000}).value) == 1_000_000


def test_what_is_too_large_in_one_form_is_shown_in_another(session):
    code = (
        "class A:\n    def __repr__(self): return 'small'\n    def _repr_html_(self): return '<b>'\n"
        "    def _repr_png_(self): return b'x' * 9000000\nA()"
    )
    assert bundle(session.run(code)) == {"text/plain": "small", "text/html": "<b>"}


def test_ipythons_display_and_clear_output_reach_the_page(session):
    run = session.run("from IPython.display import display, HTML, clear_output\ndisplay(HTML('<b>'), 1/2)\nprint(1)")
    assert [output["kind"] for output in run.outputs] == ["display", "display", "stream"]
    assert run.displays[0]["data"]["text/html"] == "<b>"
    assert run.displays[1]["data"]["text/plain"] == "1/2"
    run = session.run("import IPython\nprint(1)\nIPython.display.clear_output()\nIPython.display.display(plot(x))")
    assert [output["kind"] for output in run.outputs] == ["stream", "clear", "display"]
    assert len(images(run)) == 1


def test_a_picture_of_pil_is_shown_by_its_own_method(session):
    run = session.run("from PIL import Image\nImage.new('RGB', (2, 2)).show()")
    assert len(images(run)) == 1


def test_view_shows_as_show_does(session):
    assert bundle(session.run("view(1/2)"))["text/latex"] == r"$\displaystyle \frac{1}{2}$"
