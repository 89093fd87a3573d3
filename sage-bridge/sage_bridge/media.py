# SPDX-License-Identifier: GPL-2.0-or-later
"""Figures, animations and sound as forms that a page can show."""

from __future__ import annotations

import base64
import io
import os
import shutil
import subprocess
import sys
import tempfile
import wave
from pathlib import Path
from typing import Any

#: An svg longer than this is slow to draw in a page; the png of the same plot is some 30 kB.
MAX_SVG_LENGTH = 500_000
#: Time a film may take to be made, seconds; the limits of the run hold besides.
_FILM_SECONDS = 60

#: Arguments that make a film of that kind.
_FILMS = {
    "mp4": ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-movflags", "+faststart"),
    "webm": ("-c:v", "libvpx-vp9", "-pix_fmt", "yuv420p", "-b:v", "1M"),
}

Bundle = dict


def base64_text(data: bytes) -> str:
    """Bytes as the wire carries them."""
    return base64.b64encode(data).decode("ascii")


def _class(module: str, name: str) -> Any:
    """A class of a library; a type of nothing while that is not loaded, since then there is no instance."""
    return getattr(sys.modules.get(module), name, ())


def figure_of(value: Any) -> Any:
    """The matplotlib figure that a value is or belongs to; None when it is no figure, axes or part of axes."""
    if isinstance(value, _class("matplotlib.figure", "Figure")):
        return value
    if isinstance(value, (_class("matplotlib.axes", "Axes"), _class("matplotlib.image", "AxesImage"))):
        return getattr(value, "figure", None)
    return None


def figure_forms(figure: Any, text: str) -> Bundle:
    """A figure as svg or, when that is long, as png."""
    if figure.canvas is None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        FigureCanvasAgg(figure)
    data = io.BytesIO()
    figure.savefig(data, format="svg", bbox_inches="tight")
    if data.tell() <= MAX_SVG_LENGTH:
        return {"text/plain": text, "image/svg+xml": data.getvalue().decode("utf-8", "replace")}
    data = io.BytesIO()
    figure.savefig(data, format="png", bbox_inches="tight")
    return {"text/plain": text, "image/png": base64_text(data.getvalue())}


def held_figures() -> dict[Any, Any]:
    """Where pyplot holds its figures: the same dictionary as long as the process lives."""
    return getattr(_class("matplotlib._pylab_helpers", "Gcf"), "figs", {})


def open_figures() -> list[Any]:
    """The figures that pyplot holds and that something is drawn in."""
    figures = [manager.canvas.figure for manager in held_figures().values()]
    # A figure always has its background.
    return [figure for figure in figures if len(figure.get_children()) > 1]


def close_figures() -> None:
    """Has pyplot forget every figure."""
    if held_figures():
        sys.modules["matplotlib.pyplot"].close("all")


def moving_forms(value: Any, options: dict[str, Any]) -> Bundle | None:
    """An animation of Sage's or matplotlib's, or a sound; None for anything else."""
    if not is_moving(value):
        return None
    if isinstance(value, _class("sage.plot.animate", "Animation")):
        return _animation(value, options)
    if isinstance(value, _class("matplotlib.animation", "Animation")):
        return _drawn_animation(value)
    return _sound(value)


def is_plain(value: Any) -> bool:
    """Whether the mere name of a value's module tells that it is nothing of what this module is about."""
    module = type(value).__module__
    return not isinstance(module, str) or module == "builtins" or module.startswith("sage.rings.")


def is_moving(value: Any) -> bool:
    """Whether a value is an animation or a sound."""
    return isinstance(
        value,
        (
            _class("sage.plot.animate", "Animation"),
            _class("matplotlib.animation", "Animation"),
            _class("IPython.lib.display", "Audio"),
        ),
    )


# ---- animations ----


def _animation(value: Any, options: dict[str, Any]) -> Bundle:
    """One of Sage's: a gif, and a film where there is a program that makes one."""
    folder = Path(str(value.png()))
    frames = sorted(folder.glob("*.png"))
    # Sage's own unit is a hundredth of a second.
    delay = 10 * int(options.get("delay") or 20)
    loops = int(options.get("iterations") or 0)
    text = f"Animation with {len(frames)} frames"
    if not frames:
        return {"text/plain": text}
    bundle = {"text/plain": text, "image/gif": base64_text(gif(frames, delay, loops))}
    wanted = str(options.get("format") or "gif")
    if wanted in _FILMS and not shutil.which("ffmpeg"):
        bundle["text/plain"] += f"\n(shown as gif: {wanted} needs ffmpeg, which is not installed on this server)"
    elif shutil.which("ffmpeg"):
        kind = wanted if wanted in _FILMS else "mp4"
        data = film(folder, frames, delay, kind)
        if data is not None:
            bundle[f"video/{kind}"] = base64_text(data)
        elif wanted in _FILMS:
            bundle["text/plain"] += f"\n(shown as gif: ffmpeg could not make a {wanted} of it)"
    return bundle


def gif(frames: list[Path], delay: int, loops: int) -> bytes:
    """An animated gif of image files: ``delay`` milliseconds each, repeated ``loops`` times, 0 for ever."""
    from PIL import Image

    pictures = []
    for path in frames:
        with Image.open(path) as picture:
            picture = picture.convert("RGBA")
        # Gif knows no half transparent colours, and frames over one another would shine through.
        sheet = Image.new("RGBA", pictures[0].size if pictures else picture.size, "white")
        sheet.alpha_composite(picture.crop((0, 0, *sheet.size)) if picture.size != sheet.size else picture)
        pictures.append(sheet.convert("RGB").quantize(128))
    data = io.BytesIO()
    options: dict[str, Any] = {"duration": delay, "optimize": False}
    if loops != 1:
        options["loop"] = max(loops - 1, 0)
    pictures[0].save(data, "gif", save_all=True, append_images=pictures[1:], **options)
    return data.getvalue()


def film(folder: Path, frames: list[Path], delay: int, kind: str) -> bytes | None:
    """An mp4 or webm of image files; None when ffmpeg cannot make it."""
    target = folder / f"film.{kind}"
    names = folder / "frames.txt"
    names.write_text("".join(f"file '{path.name}'\nduration {delay / 1000}\n" for path in frames))
    # Both codecs want even sides.
    command = ["ffmpeg", "-y", "-loglevel", "error", "-f", "concat", "-i", str(names), "-vf"]
    command += ["scale=trunc(iw/2)*2:trunc(ih/2)*2", *_FILMS[kind], str(target)]
    try:
        subprocess.run(  # noqa: S603
            command, check=True, timeout=_FILM_SECONDS, stdin=subprocess.DEVNULL, capture_output=True
        )
        return target.read_bytes()
    except (OSError, subprocess.SubprocessError):
        return None


def _drawn_animation(value: Any) -> Bundle:
    from matplotlib.animation import PillowWriter

    pause = getattr(value, "_interval", None) or 200
    handle, name = tempfile.mkstemp(suffix=".gif")
    os.close(handle)
    try:
        value.save(name, writer=PillowWriter(fps=max(1, round(1000 / pause))))
        data = Path(name).read_bytes()
    finally:
        os.unlink(name)
    return {"text/plain": repr(value), "image/gif": base64_text(data)}


# ---- sound ----


def _sound(value: Any) -> Bundle | None:
    data, kind = value.data, str(value.mimetype or "audio/wav")
    if not isinstance(data, bytes):
        return None
    kind = "audio/wav" if kind in ("audio/x-wav", "audio/wave") else kind
    return {"text/plain": f"Sound, {len(data)} bytes", kind: base64_text(data)}


def wav(samples: Any, rate: int) -> bytes:
    """Samples between -1 and 1, or 16-bit integers, as a wav file; a second dimension holds the channels.

    Raises:
        ValueError: there are no samples, or they are no numbers, or have more than two dimensions.
    """
    import numpy

    data = numpy.asarray(samples)
    if data.dtype == object:
        # Numbers of Sage's.
        data = data.astype(float)
    if data.ndim == 2 and data.shape[0] < data.shape[1]:
        data = data.T
    if data.ndim not in (1, 2) or not data.size:
        raise ValueError("a sound is a list of samples, or a list of channels of them")
    if data.dtype.kind == "f":
        data = numpy.nan_to_num(data)
        loudest = max(1.0, float(numpy.abs(data).max()))
        data = (data / loudest * 32_767).astype("<i2")
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1 if data.ndim == 1 else data.shape[1])
        writer.setsampwidth(2)
        writer.setframerate(int(rate))
        writer.writeframes(data.astype("<i2").tobytes())
    return file.getvalue()


def sound_forms(samples: Any, rate: int) -> Bundle:
    """Samples as a sound to be played."""
    data = wav(samples, rate)
    with wave.open(io.BytesIO(data)) as sound:
        seconds = sound.getnframes() / sound.getframerate()
    return {"text/plain": f"Sound, {seconds:.2f} s", "audio/wav": base64_text(data)}


def install_figures(screen: Any) -> None:
    """Makes ``matplotlib.pyplot.show`` send the open figures and close them."""
    from matplotlib import pyplot

    def show(*_arguments: Any, **_options: Any) -> None:
        try:
            for figure in open_figures():
                screen.send_bundle(figure_forms(figure, repr(figure)))
        finally:
            pyplot.close("all")

    pyplot.show = show
