"""Speech: the samples of a reply, as a WAV file and as a player."""

from __future__ import annotations

import base64
import struct
import sys
from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

RATE = 24_000
"""Samples a second that Qwen-Omni sends, mono, 16 bits each, little-endian, without a header:
https://help.aliyun.com/zh/model-studio/qwen-omni."""

PLAYED_RATES = range(8_000, 96_001)
"""Rates that every browser plays. A header that says another is not believed."""
PLAYED_CHANNELS = range(1, 33)


@dataclass(frozen=True)
class Sound:
    """What was spoken. In a notebook it shows a player; `save` writes it to a file.

    >>> sound = qn.ask("Say hello.", voice="Cherry", display=False).audio
    >>> sound, sound.seconds
    (<Sound: 0.5 s>, 0.5)
    >>> len(sound.samples), min(sound.samples), sound.rate, sound.channels
    (12000, -8999, 24000, 1)
    """

    pcm: bytes = field(repr=False)
    """Samples of 16 bits, little-endian."""
    rate: int = RATE
    """Samples a second of each channel."""
    channels: int = 1

    @classmethod
    def of(cls, lines: str) -> Sound:
        """The sound of an audio part: lines of base64, each padded by itself. A WAV header at the start is heeded."""
        data = b"".join(_decoded(lines.split("\n")))
        if data[:4] != b"RIFF":
            return cls(data)
        start = data.find(b"data", 12)
        form = data.find(b"fmt ", 12)
        if start < 0 or form < 0 or len(data) < form + 16:
            return cls(b"")
        channels, rate = struct.unpack_from("<HI", data, form + 10)
        if channels not in PLAYED_CHANNELS or rate not in PLAYED_RATES:
            channels, rate = 1, RATE
        # The length that a header has while a stream goes on is none.
        return cls(data[start + 8 :], rate, channels)

    @property
    def samples(self) -> array[int]:
        """The samples, from -32,768 to 32,767, those of several channels in turn. `numpy.asarray` takes it as it is."""
        samples = array("h", self.pcm[: len(self.pcm) // 2 * 2])
        if sys.byteorder == "big":
            samples.byteswap()
        return samples

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.pcm) / (2 * self.channels * self.rate)

    @property
    def wav(self) -> bytes:
        """The bytes of a WAV file.

        >>> qn.Sound(b"", rate=16_000).wav[:4]
        b'RIFF'
        """
        frame = 2 * self.channels
        form = struct.pack("<HHIIHH", 1, self.channels, self.rate, self.rate * frame, frame, 16)
        chunks = b"WAVE" + _chunk(b"fmt ", form) + _chunk(b"data", self.pcm)
        return _chunk(b"RIFF", chunks)

    def save(self, path: str | Path) -> Path:
        """Write a WAV file to `path` and return that.

        >>> qn.ask("Say hello.", voice="Cherry", display=False).audio.save("hello.wav").stat().st_size
        24044
        """
        Path(path).write_bytes(self.wav)
        return Path(path)

    @property
    def player(self) -> str:
        """HTML that plays it, with the sound in it.

        >>> qn.Sound(b"").player
        '<audio controls src="data:audio/wav;base64,..."></audio>'
        """
        return f'<audio controls src="data:audio/wav;base64,{base64.b64encode(self.wav).decode()}"></audio>'

    def _repr_html_(self) -> str:
        return self.player

    def __repr__(self) -> str:
        return f"<Sound: {self.seconds:.1f} s>"


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data


def _decoded(lines: Iterable[str]) -> Iterable[bytes]:
    for line in lines:
        try:
            yield base64.b64decode(line)
        except ValueError:
            # A chunk that is damaged is left out; what comes after it is whole again.
            continue
