"""Pictures among Python values: PIL images, matplotlib figures, and whatever else shows itself as PNG."""

from __future__ import annotations

import base64
import io
import sys
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
