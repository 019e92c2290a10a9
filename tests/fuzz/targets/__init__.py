"""What is fuzzed, by name."""

from __future__ import annotations

from tests.fuzz.target import Target
from tests.fuzz.targets.answers import ANSWER, ERROR_BODY
from tests.fuzz.targets.cassettes import CASSETTE
from tests.fuzz.targets.magic_lines import MAGIC_LINE
from tests.fuzz.targets.prompts import FILL
from tests.fuzz.targets.speech import SPEECH, THINK_TAGS, TOOL_TEXT
from tests.fuzz.targets.streams import CHAT, DASHSCOPE, RESPONSES, SSE, WHOLE

TARGETS: dict[str, Target] = {
    target.name: target
    for target in (
        *(SSE, CHAT, RESPONSES, DASHSCOPE, WHOLE),
        *(THINK_TAGS, TOOL_TEXT, SPEECH),
        *(FILL, MAGIC_LINE, CASSETTE, ANSWER, ERROR_BODY),
    )
}
