"""Pictures among Python values: PIL images, matplotlib figures, and whatever else shows itself as PNG."""

from __future__ import annotations

import base64
import io
import struct
import sys
import zlib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

MOST_BYTES = 7_000_000
"""Of one picture: servers take data URLs of 10 MB, and base64 adds a third."""
_SEEING = ("*vl*", "*qvq*", "*omni*", "*qwen3.5*", "*qwen3.6*", "*qwen3.7*", "*vision*")


@dataclass(frozen=True)
class Picture:
    """A picture as bytes."""

    data: bytes
    media_type: str = "image/png"

    @property
    def base64(self) -> str:
        """The bytes in base64, one line."""
        return base64.b64encode(self.data).decode()

    @property
    def part(self) -> dict[str, Any]:
        """The picture as a part of a message, as Chat Completions spells it."""
        return {"type": "image_url", "image_url": {"url": f"data:{self.media_type};base64,{self.base64}"}}


def picture_of(value: Any) -> Picture | None:
    """`value` as a picture, `None` if it is none or too large."""
    data = _png(value)
    return Picture(data) if data and len(data) <= MOST_BYTES else None


def small_picture_of(value: Any) -> Picture | None:
    """`value`, which may be an array of pixels, too, as a picture; a photo that would be too large as JPEG. `None`: it is none."""
    if is_pixels(value):
        return Picture(_png_of_pixels(value))
    data = _png(value)
    image = sys.modules.get("PIL.Image")
    if data and len(data) > MOST_BYTES and image and isinstance(value, image.Image):
        buffer = io.BytesIO()
        value.convert("RGB").save(buffer, "JPEG", quality=90)
        return Picture(buffer.getvalue(), "image/jpeg")
    return Picture(data) if data else None


def is_pixels(value: Any) -> bool:
    """Whether `value` is an array of bytes that can be the pixels of a picture."""
    shape = getattr(value, "shape", None)
    is_flat = isinstance(shape, tuple) and (len(shape) == 2 or (len(shape) == 3 and shape[2] in (3, 4)))
    return is_flat and str(getattr(value, "dtype", "")) == "uint8" and hasattr(value, "__array_interface__")


def sees(model: str) -> bool:
    """Whether `model` is known, by its name, to look at pictures."""
    return any(fnmatchcase(model.lower(), pattern) for pattern in _SEEING)


def _png(value: Any) -> bytes | None:
    image, figure = sys.modules.get("PIL.Image"), sys.modules.get("matplotlib.figure")
    buffer = io.BytesIO()
    if image and isinstance(value, image.Image):
        (value if value.mode in ("1", "L", "LA", "P", "RGB", "RGBA") else value.convert("RGB")).save(buffer, "PNG")
    elif figure and isinstance(value, figure.Figure):
        value.savefig(buffer, format="png", bbox_inches="tight")
    elif callable(as_png := getattr(type(value), "_repr_png_", None)):
        made = as_png(value)
        return made if isinstance(made, bytes) else None
    else:
        return None
    return buffer.getvalue()


def _png_of_pixels(pixels: Any) -> bytes:
    """An array of bytes as PNG (https://www.w3.org/TR/png/): grey, RGB or RGBA."""
    height, width, *channels = pixels.shape
    colours, size = {(): (0, 1), (3,): (2, 3), (4,): (6, 4)}[tuple(channels)]
    data, stride = pixels.tobytes(), width * size
    # Each line begins with its filter: none.
    lines = b"".join(b"\0" + data[at : at + stride] for at in range(0, len(data), stride))
    head = struct.pack(">IIBBBBB", width, height, 8, colours, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(lines)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )
