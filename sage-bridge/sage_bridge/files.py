# SPDX-License-Identifier: GPL-2.0-or-later
"""Files of a session's directory, as outputs: those a run made or changed, and those it asks to be shown."""

from __future__ import annotations

import base64
import mimetypes
import os
import re
import stat
from typing import Any, Iterator

from .purity import unwatched
from .wire import clean

_stat = unwatched(os.stat)

#: Longest file whose content goes along with its name, bytes.
MAX_FILE_BYTES = 1_048_576
#: Longest image shown in place, bytes: in base64 it is about half of what a message may be.
MAX_IMAGE_BYTES = 3_000_000
#: Most files offered after one run, and most bytes of them together.
MAX_OFFERED = 20
MAX_OFFERED_BYTES = 4_194_304
#: Most entries looked at, and how deep, so that a flood of files costs its maker alone.
_MAX_ENTRIES = 2_000
_MAX_DEPTH = 3

#: Access and modification time, nanoseconds, that a directory is given when all in it is known: long ago.
_UNCHANGED = (1_000_000_000 * 946_684_800,) * 2
#: What is never offered: hidden files, and those that Python, Sage, GAP, R and compilers make for themselves.
_OWN = re.compile(
    r"\.|(?:tmp_?|dir_|gap-)[a-z0-9_]{8}(?:\.|$)|Rtmp[A-Za-z0-9]{6}$|cc[A-Za-z0-9]{6}\.|(?:spyx|__pycache__|Rplots\.pdf)$"
)

_IMAGES = {
    ".png": ("image/png", b"\x89PNG"),
    ".jpg": ("image/jpeg", b"\xff\xd8"),
    ".jpeg": ("image/jpeg", b"\xff\xd8"),
    ".gif": ("image/gif", b"GIF8"),
    ".svg": ("image/svg+xml", b""),
}
_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+")
_UNSPEAKABLE = re.compile(r"[/\\\x00-\x1f]")

Signature = tuple


def readable_size(size: int) -> str:
    """Bytes as people write them."""
    value = float(size)
    for unit in ("bytes", "KiB", "MiB"):
        if value < 1_024:
            return f"{size} bytes" if unit == "bytes" else f"{value:.1f} {unit}"
        value /= 1_024
    return f"{value:.1f} GiB"


def _type_of(name: str) -> str:
    kind = (mimetypes.guess_type(name)[0] or "").lower()
    return kind if _TYPE.fullmatch(kind) else "application/octet-stream"


def _spoken(name: str) -> str:
    """A file's name as the page may show it."""
    name = clean(name.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))
    return _UNSPEAKABLE.sub("\ufffd", name)[:255] or "file"


class Folder:
    """The directory of a session.

    Attributes:
        root: its real path; empty before ``settle``.
        changes: how often files were found to have been made, changed or removed.
    """

    def __init__(self) -> None:
        self.root = ""
        self.changes = 0
        self._known: dict[str, Signature] = {}
        self._has_folders = False

    def settle(self, directory: str) -> None:
        """Takes over ``directory``, which is empty but for hidden entries."""
        self.root = os.path.realpath(directory)
        os.utime(self.root, ns=_UNCHANGED)

    def _may_have_changed(self) -> bool:
        """The quick answer, which almost every run gets: an entry made or removed moves the directory's own time."""
        try:
            if _stat(self.root).st_mtime_ns != _UNCHANGED[1]:
                # What is made from here on moves it again; what is there already will be seen.
                os.utime(self.root, ns=_UNCHANGED)
                return True
        except OSError:
            return False
        return self._has_folders or bool(self._known)

    def _scan(self) -> Iterator[tuple[str, Signature]]:
        self._has_folders = False
        pending = [("", 0)]
        count = 0
        while pending:
            below, depth = pending.pop()
            try:
                entries = os.scandir(os.path.join(self.root, below))
            except OSError:
                continue
            with entries:
                for entry in entries:
                    count += 1
                    if count > _MAX_ENTRIES:
                        return
                    if _OWN.match(entry.name):
                        continue
                    path = os.path.join(below, entry.name) if below else entry.name
                    try:
                        status = entry.stat(follow_symlinks=False)
                    except OSError:
                        continue
                    if stat.S_ISREG(status.st_mode):
                        yield path, (status.st_mtime_ns, status.st_size, status.st_ino)
                    elif stat.S_ISDIR(status.st_mode) and depth < _MAX_DEPTH:
                        self._has_folders = True
                        pending.append((path, depth + 1))

    def offers(self) -> list[dict[str, Any]]:
        """Outputs for the files made or changed since the last call; images in place, the others to be fetched."""
        if not self.root or not self._may_have_changed():
            return []
        now = dict(self._scan())
        before, self._known = self._known, now
        if now == before:
            return []
        self.changes += 1
        new = sorted(
            (path for path in now if now[path] != before.get(path) and now[path][1]),
            key=lambda path: (now[path][0], path),
        )
        outputs = []
        room = MAX_OFFERED_BYTES
        for path in new[:MAX_OFFERED]:
            output, used = self._output(path, room)
            if output is not None:
                outputs.append(output)
                room -= used
        if len(new) > MAX_OFFERED:
            rest = len(new) - MAX_OFFERED
            outputs.append(_note(f"{rest} more files were made; a run offers at most {MAX_OFFERED}."))
        return outputs

    def _output(self, path: str, room: int) -> tuple[dict[str, Any] | None, int]:
        try:
            name, data, size = self.read(path, min(room, MAX_IMAGE_BYTES))
        except OSError:
            return None, 0
        image = image_forms(name, data) if data is not None else None
        if image is not None:
            return {"kind": "display", "data": image, "result": False}, size
        if data is not None and size > MAX_FILE_BYTES:
            data = None
        return file_output(name, data, size), 0 if data is None else size

    def read(self, path: str, most: int) -> tuple[str, bytes | None, int]:
        """A file's name, content and size; no content when it is longer than ``most``.

        Raises:
            OSError: there is no such regular file in the directory; links that lead out of it are not followed.
        """
        real = os.path.realpath(os.path.join(self.root, os.fspath(path)))
        if not self.root or not real.startswith(self.root + os.sep):
            raise PermissionError(f"{os.fspath(path)!r} is outside the directory of the session")
        try:
            descriptor = os.open(real, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            # Where the directory is, is nobody's business.
            raise type(error)(error.errno, error.strerror, os.fspath(path)) from None
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise OSError(f"{os.fspath(path)!r} is not a regular file")
            data = file.read(most + 1) if status.st_size <= most else b""
        if status.st_size > most or len(data) > most:
            return _spoken(os.path.basename(real)), None, status.st_size
        return _spoken(os.path.basename(real)), data, len(data)

    def shown(self, path: str) -> None:
        """The file has been shown as it is now, and need not be offered again."""
        real = os.path.realpath(os.path.join(self.root, os.fspath(path)))
        try:
            status = os.stat(real)
        except OSError:
            return
        signature = (status.st_mtime_ns, status.st_size, status.st_ino)
        self._known[os.path.relpath(real, self.root)] = signature


def image_forms(name: str, data: bytes) -> dict[str, str] | None:
    """The bundle of an image file; None when it is none, whatever its name says."""
    kind, magic = _IMAGES.get(os.path.splitext(name)[1].lower(), ("", b""))
    if not kind or not data.startswith(magic):
        return None
    if kind == "image/svg+xml":
        text = data.decode("utf-8", "replace")
        return {"text/plain": name, kind: text} if "<svg" in text else None
    return {"text/plain": name, kind: base64.b64encode(data).decode("ascii")}


def media_forms(name: str, data: bytes) -> dict[str, str] | None:
    """The bundle of an image, a sound or a film; None for any other file."""
    forms = image_forms(name, data)
    kind = _type_of(name)
    if forms is None and kind.startswith(("audio/", "video/")):
        kind = "audio/wav" if kind == "audio/x-wav" else kind
        forms = {"text/plain": name, kind: base64.b64encode(data).decode("ascii")}
    return forms


def file_output(name: str, data: bytes | None, size: int) -> dict[str, Any]:
    """The output that offers a file; without ``data`` it is only named."""
    output: dict[str, Any] = {"kind": "file", "name": name, "type": _type_of(name), "size": size}
    if data is not None:
        output["data"] = base64.b64encode(data).decode("ascii")
    return output


def _note(text: str) -> dict[str, Any]:
    return {"kind": "display", "data": {"text/plain": text}, "result": False}
