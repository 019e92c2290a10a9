"""Pictures, sound and film in a question, and speech in an answer."""

from __future__ import annotations

import base64
import io
import struct
import wave
from array import array
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest

import qwen_nb as qn
from qwen_nb import media
from qwen_nb.dialects import dialect
from qwen_nb.fallback import MOST_SOUND, markdown
from qwen_nb.profiles import PROFILES
from qwen_nb.request import Request
from tests.server import Answer, Server, frame, said

STREAMS = Path(__file__).with_name("streams")
WAV = qn.Sound(b"\1\0\2\0", rate=16_000).wav
MP4 = b"\0\0\0\x20ftypisom\0\0\0\0"


def png(width: int = 2, height: int = 1, mode: str = "RGB") -> bytes:
    buffer = io.BytesIO()
    PIL.Image.new(mode, (width, height)).save(buffer, "PNG")
    return buffer.getvalue()


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def image(data: bytes, kind: str = "png") -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": f"data:image/{kind};base64,{encoded(data)}"}}


def sent(profile: str = "vllm", protocol: Any = "chat", **options: Any) -> Any:
    """The user's message as a server gets it."""
    with Server(Answer(said("I see."))) as server:
        where = qn.Endpoint(server.url, model="qwen-vl", profile=profile, protocol=protocol)
        try:
            qn.ask("What is it?", endpoint=where, display=False, **options)
        except qn.QwenError:
            # It answers as Chat Completions does, whatever the protocol.
            assert protocol != "chat"
        body = server.asked[0].body
    messages = body.get("messages") or (body["input"]["messages"] if isinstance(body["input"], dict) else body["input"])
    return messages[-1]["content"]


QUESTION = {"type": "text", "text": "What is it?"}


def test_a_picture_goes_before_the_question(tmp_path: Path) -> None:
    (tmp_path / "photo.jpeg").write_bytes(png())
    expected = [image(png()), QUESTION]
    assert sent(images=tmp_path / "photo.jpeg") == expected, "its kind is that of its bytes, not of its name"
    assert sent(images=str(tmp_path / "photo.jpeg")) == expected
    assert sent(images=png()) == expected
    assert sent(images=[png(), PIL.Image.new("L", (1, 1))])[1]["image_url"]["url"].startswith("data:image/png;base64,")
    url = "https://example.org/a.png?size=large"
    assert sent(images=[url, png()]) == [{"type": "image_url", "image_url": {"url": url}}, image(png()), QUESTION]


@pytest.mark.parametrize("shape", [(2, 3), (2, 3, 3), (2, 3, 4)])
def test_an_array_of_pixels_is_a_picture(shape: tuple[int, ...]) -> None:
    pixels = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)
    url = sent(images=pixels)[0]["image_url"]["url"]
    drawn = PIL.Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2])))
    assert np.array_equal(np.asarray(drawn), pixels)


def test_a_photo_that_would_be_too_large_is_sent_as_jpeg() -> None:
    noise = PIL.Image.frombytes("RGB", (1600, 1500), np.random.default_rng(0).bytes(1600 * 1500 * 3))
    url = sent(images=noise)[0]["image_url"]["url"]
    assert url.startswith("data:image/jpeg;base64,/9j/")
    assert len(url) < 10_000_000


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"images": "no/such.png"}, "no/such.png cannot be read: No such file"),
        ({"images": "x" * 5000}, "… cannot be read: File name too long"),
        ({"images": WAV}, "this is no image that servers take; it begins with b'RIFF"),
        ({"audio": png()}, "this is no audio"),
        ({"video": b"hello"}, "this is no video"),
        ({"images": 3}, "A int is no image: pass a path, an address, bytes, a PIL image, an array or a figure."),
        ({"audio": [WAV, None]}, "A NoneType is no audio: pass a path, an address, bytes or a qn.Sound."),
        ({"images": b"\x89PNG\r\n\x1a\n" + bytes(8_000_000)}, "8,000,008 bytes: servers take at most 7 MB"),
        ({"images": np.random.default_rng(0).integers(0, 255, (1600, 1600, 3), np.uint8)}, "at most 7 MB"),
    ],
)
def test_what_cannot_be_sent_is_said_before_anything_is(options: dict[str, Any], message: str) -> None:
    with Server(Answer(said("x"))) as server, pytest.raises(qn.ConfigError) as caught:
        qn.ask("What is it?", endpoint=server.url, model="m", display=False, **options)
    assert message in str(caught.value)
    assert len(str(caught.value)) < 300
    assert not server.asked


def test_a_file_that_is_too_large_is_not_read_as_a_whole(tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    with film.open("wb") as file:
        file.write(MP4)
        file.truncate(2_000_000_000)
    with pytest.raises(qn.ConfigError, match=r"film\.mp4: servers take at most 7 MB"):
        qn.ask("What is it?", video=film, endpoint="vllm", display=False)


def test_each_server_gets_its_own_spelling() -> None:
    sound = {"type": "input_audio", "input_audio": {"data": encoded(WAV), "format": "wav"}}
    film: dict[str, Any] = {"type": "video_url", "video_url": {"url": f"data:video/mp4;base64,{encoded(MP4)}"}}
    assert sent(audio=WAV, video=MP4) == [sound, film, QUESTION]
    assert sent("dashscope", audio=qn.Sound(b"\1\0\2\0", rate=16_000), video=MP4) == [
        {"type": "input_audio", "input_audio": {"data": f"data:;base64,{encoded(WAV)}", "format": "wav"}},
        film,
        QUESTION,
    ]
    url = "https://example.org/a.mp3"
    assert sent("dashscope", audio=url)[0] == {"type": "input_audio", "input_audio": {"data": url, "format": "mp3"}}
    assert sent("vllm", audio=url)[0] == {"type": "audio_url", "audio_url": {"url": url}}
    assert sent("dashscope", "dashscope", images=png(), audio=WAV, video=MP4) == [
        {"image": f"data:image/png;base64,{encoded(png())}"},
        {"audio": f"data:;base64,{encoded(WAV)}"},
        {"video": film["video_url"]["url"]},
        {"text": "What is it?"},
    ]
    assert sent("openai", "responses", images=png(), audio=WAV) == [
        {"type": "input_image", "image_url": f"data:image/png;base64,{encoded(png())}"},
        sound,
        {"type": "input_text", "text": "What is it?"},
    ]


def test_several_pictures_as_video_are_its_frames() -> None:
    frames = [png(), "https://example.org/2.png"]
    urls = [f"data:image/png;base64,{encoded(png())}", "https://example.org/2.png"]
    assert sent("dashscope", video=frames) == [{"type": "video", "video": urls}, QUESTION]
    assert sent("dashscope", "dashscope", video=frames)[0] == {"video": urls}
    assert sent("dashscope", video=[MP4, frames])[1] == {"type": "video", "video": urls}
    assert sent("vllm", video=frames) == [*({"type": "image_url", "image_url": {"url": url}} for url in urls), QUESTION]


def test_sound_that_other_clients_spell_as_an_address_goes_to_servers_that_want_base64() -> None:
    part: dict[str, Any] = {"type": "input_audio", "input_audio": {"data": f"data:;base64,{encoded(WAV)}", "format": "wav"}}
    body = dialect("chat").body(Request(({"role": "user", "content": [part]},), model="m"), PROFILES["vllm"])
    assert body["messages"][0]["content"][0]["input_audio"]["data"] == encoded(WAV)
    assert part["input_audio"]["data"].startswith("data:"), "what was passed stays as it is"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"\0\0\0\x18ftypheic", "image/heic"),
        (WAV, "audio/wav"),
        (b"ID3\x04", "audio/mp3"),
        (b"\xff\xfb\x90", "audio/mp3"),
        (b"OggS\0", "audio/ogg"),
        (b"fLaC\0", "audio/flac"),
        (MP4, "video/mp4"),
        (b"\0\0\0\x14ftypqt  ", "video/quicktime"),
        (b"\x1aE\xdf\xa3", "video/webm"),
        (b"hello", ""),
    ],
)
def test_a_file_is_what_its_first_bytes_say(data: bytes, kind: str) -> None:
    assert media.medium_of(data) == (kind.partition("/")[0] or None)
    if kind:
        part = media.part_of(data, media.medium_of(data) or "image")
        assert kind.partition("/")[2] in str(part)


def test_a_conversation_shows_the_picture_again() -> None:
    with Server(Answer(said("A dot."))) as server:
        chat = qn.Chat(endpoint=server.url, model="m")
        chat("What is it?", images=png(), display=False)
        chat("Are you sure?", display=False)
        assert server.asked[1].body["messages"][0] == {"role": "user", "content": [image(png()), QUESTION]}
    assert chat.messages[0]["content"] == [image(png()), QUESTION]


# Speech


def transcript(name: str) -> Answer:
    return Answer([(STREAMS / name).read_bytes()])


def test_speech_is_asked_for_and_kept(tmp_path: Path) -> None:
    with Server(transcript("dashscope-omni-audio.sse")) as server:
        where = qn.Endpoint(server.url, model="qwen3-omni-flash", profile="dashscope")
        reply = qn.ask("Who are you?", voice="Cherry", endpoint=where, display=False)
        body = server.asked[0].body
    assert (body["modalities"], body["audio"]) == (["text", "audio"], {"voice": "Cherry", "format": "wav"})
    assert reply.text == "我是通义"
    assert reply.audio is not None
    # Three chunks of base64, each padded by itself.
    assert list(reply.audio.samples) == [-2, 0, 5, 9, -7, 100, -100, 32767]
    assert reply.audio.seconds == 8 / 24_000
    with wave.open(str(reply.audio.save(tmp_path / "said.wav"))) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth(), file.getnframes()) == (24_000, 1, 2, 8)
        assert file.readframes(8) == array("h", reply.audio.samples).tobytes()
    assert np.asarray(reply.audio.samples).dtype == np.int16


def test_what_is_only_spoken_is_the_text() -> None:
    with Server(transcript("dashscope-omni-transcript.sse")) as server:
        chat = qn.Chat(endpoint=qn.Endpoint(server.url, model="qwen-omni-turbo", profile="dashscope"), voice="Cherry")
        assert chat("Hi", display=False).text == "Hello"
    assert chat.messages[-1] == {"role": "assistant", "content": "Hello"}


def test_nothing_spoken_is_no_sound() -> None:
    assert qn.Reply().audio is None


def test_a_wav_file_in_the_stream_is_taken_for_what_it_is() -> None:
    stereo = qn.Sound(b"\1\0\2\0\3\0\4\0", rate=48_000, channels=2)
    lines = "\n".join(encoded(stereo.wav[at : at + 9]) for at in range(0, len(stereo.wav), 9))
    assert qn.Sound.of(lines) == stereo
    assert stereo.seconds == 2 / 48_000


def test_a_damaged_chunk_is_left_out() -> None:
    assert qn.Sound.of(f"{encoded(b'ab')}\n!\n{encoded(b'cd')}\n").pcm == b"abcd"


@pytest.mark.parametrize(("rate", "channels"), [(0, 1), (2**32 - 1, 1), (24_000, 0), (24_000, 65_535)])
def test_sound_with_an_impossible_header_is_still_a_file(rate: int, channels: int) -> None:
    form = struct.pack("<HHIIHH", 1, channels, rate, 0, 2, 16)
    header = b"RIFF\xff\xff\xff\xffWAVEfmt \x10\x00\x00\x00" + form + b"data\xff\xff\xff\xff"
    sound = qn.Sound.of(encoded(header + bytes(48_000)))
    assert (sound.seconds, sound.rate, sound.channels) == (1.0, 24_000, 1)
    assert len(sound.wav) == 48_044
    assert qn.Sound.of(encoded(b"RIFFxxxxfmt data")).pcm == b""


@pytest.mark.parametrize("is_long", [False, True])
def test_a_notebook_keeps_speech_that_is_short(is_long: bool) -> None:
    samples = bytes(MOST_SOUND + 2 if is_long else 2)
    pieces = [frame({"audio": {"data": encoded(samples)}}), frame({}, "stop")]
    with Server(Answer([frame({"content": "Listen."}), *pieces])) as server:
        reply = qn.ask("Speak.", endpoint=server.url, model="m", voice="Cherry", display=False)
    kept = markdown(reply)
    if is_long:
        assert "Speech of 21 s, which is too long for a notebook: reply.audio has it." in kept
        assert len(kept) < 1_000
    else:
        assert f'<audio controls src="data:audio/wav;base64,{encoded(qn.Sound(samples).wav)}"></audio>' in kept
        assert "<audio controls" in (reply.audio or qn.Sound(b""))._repr_html_()
