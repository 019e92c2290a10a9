"""Pictures, sound and film as parts of a message: from paths, addresses, bytes, PIL images and figures."""

from __future__ import annotations

import base64
from pathlib import Path, PurePath
from typing import Any, Literal
from urllib.parse import urlsplit

from .errors import ConfigError
from .images import MOST_BYTES, is_pixels, picture_of, small_picture_of
from .sound import Sound

Medium = Literal["image", "audio", "video"]

_SUFFIXES: dict[Medium, set[str]] = {
    "image": {".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".heic"},
    "audio": {".wav", ".mp3", ".ogg", ".opus", ".flac", ".m4a", ".aac", ".amr"},
    "video": {".mp4", ".m4v", ".mov", ".webm", ".avi", ".mkv"},
}
_SIGNS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF8", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (0, b"BM", "image/bmp"),
    (0, b"II*\0", "image/tiff"),
    (0, b"MM\0*", "image/tiff"),
    (8, b"WAVE", "audio/wav"),
    (0, b"ID3", "audio/mp3"),
    (0, b"\xff\xfb", "audio/mp3"),
    (0, b"\xff\xf3", "audio/mp3"),
    (0, b"\xff\xf2", "audio/mp3"),
    (0, b"\xff\xf1", "audio/aac"),
    (0, b"\xff\xf9", "audio/aac"),
    (0, b"OggS", "audio/ogg"),
    (0, b"fLaC", "audio/flac"),
    (4, b"ftypM4A", "audio/m4a"),
    (0, b"#!AMR", "audio/amr"),
    (8, b"AVI ", "video/x-msvideo"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypmif1", "image/heic"),
    (4, b"ftypqt", "video/quicktime"),
    (4, b"ftyp", "video/mp4"),
    (0, b"\x1aE\xdf\xa3", "video/webm"),
)
"""Where a file of a kind has which bytes."""
_MORE: dict[Medium, str] = {
    "image": ", a PIL image, an array or a figure",
    "audio": " or a qn.Sound",
    "video": " or a list of pictures",
}
_LONGEST_NAME = 100
"""Of a file in a message: what is no path at all may be megabytes."""


def part_of(value: Any, medium: Medium) -> dict[str, Any]:
    """`value` as a part of a message, as Chat Completions spells it.

    `value` is a path, an address (`http`, `https`, `data`) or the bytes of a file; an image may be anything that shows itself as a
    picture, such as a PIL image or a figure, or an array of its pixels; sound may be a `Sound`. `ConfigError` if there is no such
    file, if it is something else, or larger than servers take (7 MB; an address has no limit here).
    """
    if isinstance(value, str) and urlsplit(value).scheme in ("http", "https", "data"):
        return _spelled(medium, value, _format(PurePath(urlsplit(value).path).suffix[1:].lower()))
    if isinstance(value, (str, PurePath)):
        return _of_bytes(_read(Path(value)), medium, str(value))
    if isinstance(value, (bytes, bytearray, memoryview)):
        return _of_bytes(bytes(value), medium, f"{len(value):,} bytes")
    if medium == "audio" and isinstance(value, Sound):
        return _of_bytes(value.wav, medium, repr(value))
    if medium == "image" and (picture := small_picture_of(value)):
        return _of_bytes(picture.data, medium, f"{type(value).__name__} as {picture.media_type}")
    raise ConfigError(f"A {type(value).__name__} is no {medium}: pass a path, an address, bytes{_MORE[medium]}.")


def parts_of(values: Any, medium: Medium) -> list[dict[str, Any]]:
    """The parts of one value or several; one of several may be a list, as where a name of `%%qwen --images` stands for one.

    Several pictures as video are its frames, in one part as DashScope spells it.
    """
    if values is None:
        return []
    if not isinstance(values, (list, tuple)):
        return [part_of(values, medium)]
    if medium == "video" and values and all(map(_is_picture, values)):
        return [{"type": "video", "video": [part_of(value, "image")["image_url"]["url"] for value in values]}]
    parts: list[dict[str, Any]] = []
    for value in values:
        parts += parts_of(value, medium) if isinstance(value, (list, tuple)) else [part_of(value, medium)]
    return parts


def medium_of(value: Any) -> Medium | None:
    """What `value` is, if it is clearly a picture, sound or film: an existing file of such a kind, its bytes, a figure."""
    if isinstance(value, (str, PurePath)):
        return _medium_of_path(value)
    if isinstance(value, (bytes, bytearray)):
        kind = _media_type(bytes(value[:16])).partition("/")[0]
        return next((medium for medium in _SUFFIXES if medium == kind), None)
    return "image" if picture_of(value) else None


def _is_picture(value: Any) -> bool:
    if isinstance(value, str) and urlsplit(value).scheme in ("http", "https"):
        return PurePath(urlsplit(value).path).suffix.lower() in _SUFFIXES["image"]
    return medium_of(value) == "image" or is_pixels(value)


def _medium_of_path(path: str | PurePath) -> Medium | None:
    text = str(path)
    if len(text) > 4096 or "\n" in text or "\0" in text:
        return None
    suffix = PurePath(text).suffix.lower()
    medium = next((medium for medium, suffixes in _SUFFIXES.items() if suffix in suffixes), None)
    return medium if medium and Path(text).expanduser().is_file() else None


def _read(path: Path) -> bytes:
    try:
        with path.expanduser().open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{_shortened(str(path))} cannot be read: {error.strerror or error}.") from error


def _of_bytes(data: bytes, medium: Medium, name: str) -> dict[str, Any]:
    media_type = _media_type(data[:16])
    if media_type.partition("/")[0] != medium:
        raise ConfigError(f"{name}: this is no {medium} that servers take; it begins with {data[:8]!r}.")
    if len(data) > MOST_BYTES:
        raise ConfigError(
            f"{name}: servers take at most {MOST_BYTES // 1_000_000} MB in a message. Make it smaller, or pass an address."
        )
    head = "" if medium == "audio" else f"data:{media_type};base64,"
    return _spelled(medium, head + base64.b64encode(data).decode(), media_type.partition("/")[2])


def _media_type(head: bytes) -> str:
    return next((kind for at, sign, kind in _SIGNS if head[at:].startswith(sign)), "")


def _spelled(medium: Medium, url: str, form: str) -> dict[str, Any]:
    if medium == "audio":
        return {"type": "input_audio", "input_audio": {"data": url, "format": form or "wav"}}
    return {"type": f"{medium}_url", f"{medium}_url": {"url": url}}


def _format(suffix: str) -> str:
    return suffix if f".{suffix}" in _SUFFIXES["audio"] else ""


def _shortened(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…"
