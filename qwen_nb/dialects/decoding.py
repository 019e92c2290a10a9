"""What the decoders of all three protocols share: frames to documents, errors, the end."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from jiter import from_json
from typing_extensions import Self

from .. import limits
from ..errors import StreamError
from ..events import Event, Status, StreamEnd
from ..profiles import Profile
from ..redaction import without_keys
from ..request import Request
from ..sse import Frame
from .failure import Failure, failure_in
from .one_line import one_line
from .parts import Parts
from .payload import DONE, documents, is_crowded, items, mapping, string
from .speech import Speech
from .usage import tokens

_TRUNCATED = "The stream ended before the model had finished; what had arrived is kept."
_EMPTY = "The server answered with an empty stream: it may have crashed, or something between may have dropped the body."


class StreamDecoder(ABC):
    """Frames in, events out. It looks at no clock and does no I/O. One for each reply."""

    def __init__(self, request: Request, profile: Profile, unsaid: Sequence[str] = ()) -> None:
        """`unsaid`: settings of `request` that its body could not carry."""
        self._request = request
        # A server that goes on with an answer is past its thoughts.
        is_rest = bool(request.messages) and request.messages[-1].get("role") == "assistant"
        is_thinking = request.thinking is not False and not is_rest
        self._has_started_thinking = is_thinking and profile.has_started_thinking(request.model)
        self._parts = Parts()
        self._speeches: dict[int, Speech] = {}
        self._failure: Failure | None = None
        self._bad_frames = 0
        self._has_data = False
        self._is_marked_done = False
        self._is_over = False
        self._model = ""
        self._request_id = ""
        self._usage: dict[str, Any] = {}
        self._logprobs: dict[str, list[Any]] = {}
        self._items: dict[str, Any] = {}
        self._frame_size = 0
        self._beside = 0
        """Bytes of the frames of which something was kept for `raw`."""
        if unsaid:
            self._parts.notice("not_sent", f"{profile.title} has no setting for it, so this was not sent: {', '.join(unsaid)}.")

    @property
    def done(self) -> bool:
        """Whether nothing more is to be expected: an error came, or both a finish and the marker `[DONE]`."""
        return self._failure is not None or (self._is_marked_done and self.is_finished)

    @property
    def is_finished(self) -> bool:
        """Whether every choice that spoke has come to its finish. `[DONE]` proves nothing: servers send it after errors."""
        return bool(self._speeches) and all(speech.finish is not None for speech in self._speeches.values())

    def feed(self, frame: Frame) -> list[Event]:
        """What one frame says. `StreamError` if it, or the reply with it, exceeds a limit; what came before is in `end`."""
        if len(frame.data) > limits.CROWDED and is_crowded(frame.data):
            raise limits.exceeded(f"a frame with more than {limits.MOST_VALUES:,} values")
        self._frame_size = len(frame.data)
        try:
            document = from_json(frame.data)
        except ValueError:
            self._feed_mangled(frame)
        else:
            self._take(document, frame)
        return self._parts.take()

    def whole(self, document: dict[str, Any]) -> list[Event]:
        """What a whole reply says that came as one JSON document instead of a stream."""
        self._has_data = True
        self._parts.notice("not_streamed", self._why_whole())
        self._read(document, Frame(b""))
        return self._parts.take()

    def notice(self, code: str, text: str) -> list[Event]:
        """A notice as a part of this reply."""
        self._parts.notice(code, text)
        return self._parts.take()

    def new_index(self) -> int:
        """The number of a part that somebody else writes."""
        return self._parts.new_index()

    def follow(self, before: Self) -> None:
        """Take the place of `before`, which has read nothing: the parts that it has told of go on."""
        self._parts = before._parts

    def end(self, status: Status | None = None, *, error: str = "", code: str = "", http_status: int | None = None) -> list[Event]:
        """Close what is open, then `StreamEnd`; nothing at a second call.

        Without `status` it is `complete` if every choice finished, else `truncated`. An error that the server reported in the
        stream is the end's, whatever `error` says; after a finish, a broken connection (`status="error"`) changes nothing.
        """
        if self._is_over:
            return []
        self._is_over = True
        for speech in self._speeches.values():
            try:
                speech.end()
            except StreamError as exceeded:
                self._fail(Failure(str(exceeded), exceeded.code))
        self._parts.end_all()
        if self._bad_frames > 1:
            self._parts.notice("bad_json", f"{self._bad_frames - 1} more frames were no JSON and were left out.")
        first = self._speeches.get(0)
        failure = self._failure
        if failure is None and first and first.finish == "error":
            failure = Failure("The server gave up: it sent the finish_reason error and said no more.", "error")
        if status in (None, "error", "truncated"):
            if failure:
                status, error, code = "error", failure.message, failure.code
                http_status = failure.http_status if failure.http_status is not None else http_status
            elif self.is_finished:
                status, error, code, http_status = "complete", "", "", None
            elif status is None or status == "truncated":
                status, error = "truncated", error or (_TRUNCATED if self._has_data else _EMPTY)
        self._parts.events.append(
            StreamEnd(
                status or "complete",
                first.finish if first else None,
                error,
                code,
                http_status,
                self._model,
                self._request_id or (failure.request_id if failure else ""),
                **tokens(self._usage),
                raw=self._raw(failure),
            )
        )
        return self._parts.take()

    @abstractmethod
    def _answer(self, document: dict[str, Any]) -> None:
        """Take what a document says of the reply. One that reports an error may still hold some."""

    def _why_whole(self) -> str:
        return "This reply did not stream: the server, or a proxy before it, answered with one whole document."

    def _feed_mangled(self, frame: Frame) -> None:
        found, bad = documents(frame.data)
        for document in found:
            self._take(document, frame)
        if bad:
            self._take_bad(bad, frame)

    def _take(self, document: Any, frame: Frame) -> None:
        if isinstance(document, dict):
            self._has_data = True
            self._read(document, frame)
        elif document == DONE:
            self._is_marked_done = True
        elif document is not None:
            self._take_bad(repr(document), frame)

    def _read(self, document: dict[str, Any], frame: Frame) -> None:
        # Nearly every frame of a chat has choices and no error, and need not be looked at further.
        if "error" in document or frame.event == "error" or not document.get("choices"):
            self._failure = self._failure or failure_in(document, frame.event, frame.status)
        self._answer(document)

    def _fail(self, failure: Failure) -> None:
        self._failure = self._failure or failure

    def _take_bad(self, bad: str, frame: Frame) -> None:
        if frame.event == "error" or bad.lstrip().startswith('{"error"'):
            # transformers serve writes its error between quotes without escaping it.
            message = bad.strip().removeprefix('{"error"').lstrip(": ").removesuffix("}").strip('" ')
            self._fail(Failure(one_line(message) or "The server reported an error.", http_status=frame.status, raw=bad))
        elif not frame.is_cut:
            self._bad_frames += 1
            if self._bad_frames == 1:
                self._parts.notice("bad_json", f"A frame was no JSON and was left out: {one_line(bad, 80)}")

    def _speech(self, choice: int) -> Speech:
        speech = self._speeches.get(choice)
        if speech is None:
            if len(self._speeches) >= limits.MOST_CHOICES:
                raise limits.exceeded(f"more than {limits.MOST_CHOICES} choices")
            speech = Speech(self._parts, choice, self._request, has_started_thinking=self._has_started_thinking)
            self._speeches[choice] = speech
        return speech

    def _describe(self, document: dict[str, Any], id_field: str = "id") -> None:
        """Learn the model, the id and the usage that a document names. The last usage that says something counts."""
        if not self._model:
            self._model = string(document.get("model"))[: limits.LONGEST_NAME]
        if not self._request_id:
            self._request_id = string(document.get(id_field))[: limits.LONGEST_NAME]
        if usage := document.get("usage"):
            self._usage = mapping(usage) or self._usage

    def _keep_logprobs(self, choice: dict[str, Any], number: int) -> None:
        """Keep the log probabilities of a choice's tokens as they are."""
        if (entries := items(mapping(choice.get("logprobs")).get("content"))) and self._has_room():
            self._logprobs.setdefault(str(number), []).extend(entries)

    def _keep_item(self, key: str, item: dict[str, Any]) -> None:
        """Keep an output item as it is; a later one with the same key takes its place."""
        if self._has_room():
            self._items[key] = item

    def _has_room(self) -> bool:
        """Whether something of this frame can be kept for `raw`. The user is told when the first cannot."""
        had_room = self._beside <= limits.MOST_BESIDE
        self._beside += self._frame_size
        if had_room and self._beside > limits.MOST_BESIDE:
            text = f"reply.raw holds the first {limits.in_words(limits.MOST_BESIDE)} of log probabilities and items, not the rest."
            self._parts.notice("raw_cut", text)
        return self._beside <= limits.MOST_BESIDE

    def _raw(self, failure: Failure | None) -> str:
        said = {
            "usage": self._usage,
            "logprobs": self._logprobs,
            "items": list(self._items.values()),
            "error": failure.raw if failure else None,
        }
        kept = {name: value for name, value in said.items() if value}
        text = json.dumps(kept, ensure_ascii=False) if kept else ""
        return without_keys(text) if failure else text
