"""The tiny model's tokenizer: byte pairs of our own texts, cut and marked up as Qwen does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from tools.engine.turn import Turn
from tools.engine.turns import TURNS

TEMPLATE = Path(__file__).with_name("chat_template.jinja")
VOCABULARY = 3072
LONGEST = 12
"""Bytes of a token: so few texts have few phrases, and whole ones would become a token."""
MARKUP = ["<think>", "</think>", "<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>"]
PIECES = (  # Words with the space before them, single digits, runs of marks, line ends: pairs are merged within these only.
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def make_tokenizer() -> Any:
    template = TEMPLATE.read_text(encoding="utf-8")
    pairs = Tokenizer(models.BPE())
    pairs.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PIECES), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    pairs.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        max_token_length=LONGEST,
        special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    prompts = [str(message["content"]) for turn in TURNS for message in turn.messages]
    pairs.train_from_iterator([template, *prompts, *(turn.answer for turn in TURNS)], trainer)
    pairs.add_tokens(MARKUP)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=pairs, eos_token="<|im_end|>", pad_token="<|endoftext|>")
    tokenizer.chat_template = template
    return tokenizer


def encode(turn: Turn, tokenizer: Any) -> tuple[torch.Tensor, torch.Tensor]:
    """The ids of the prompt as the server will render it, and those of the reply with its end."""
    prompt = tokenizer.apply_chat_template(
        [_with_parsed_arguments(message) for message in turn.messages],
        tools=list(turn.tools) or None,
        add_generation_prompt=True,
        tokenize=False,
        enable_thinking=turn.thinking,
    )
    ids = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in (prompt, turn.answer + tokenizer.eos_token)]
    return torch.tensor(ids[0]), torch.tensor(ids[1])


def _with_parsed_arguments(message: dict[str, Any]) -> dict[str, Any]:
    calls = [
        {"function": {**call["function"], "arguments": json.loads(call["function"]["arguments"])}}
        for call in message.get("tool_calls", ())
    ]
    return {**message, "tool_calls": calls}


def response_template(*, parse_calls: bool) -> dict[str, Any]:
    """How `transformers serve` takes a reply apart; without `parse_calls`, a call stays text and streams with it."""
    fields: dict[str, Any] = {
        "reasoning_content": {"open_pattern": r"<think>\s*", "close_pattern": r"\s*</think>\s*", "content": "text"},
        "content": {"close_pattern": r"\s*<\|im_end\|>", "content": "text"},
    }
    if parse_calls:
        fields["tool_calls"] = {
            "open_pattern": r"\s*<tool_call>",
            "close": "</tool_call>",
            "repeats": True,
            "content": "json",
            "transform": {"type": "function", "function": "{content}"},
        }
    return {"defaults": {"role": "assistant"}, "start_anchor": "<|im_start|>assistant\n", "fields": fields}
