"""Teach a tiny Qwen3 the turns of `turns.py` by heart: `python -m tools.engine.train FOLDER`, in the engine's environment.

It is overfitted on purpose. Greedy decoding then gives each reply to the letter, so a real engine streams a text that is known
beforehand. The model is saved to FOLDER, where a server leaves its tool calls in the text, and to FOLDER-parsed-calls, where it
takes them apart.
"""

from __future__ import annotations

import math
import random
import sys
import time
from pathlib import Path
from typing import Any

import torch
from transformers import Qwen3Config, Qwen3ForCausalLM

from tools.engine.tokenizer import encode, make_tokenizer, response_template
from tools.engine.turns import TURNS

EPOCHS = 120
"""At most; some 90 are needed."""
SURE = 0.6
"""How likely each token has to be before training ends: more than any other, also after the last step and in other arithmetic."""
PEAK = 2e-3
"""Highest learning rate."""
WARM_UP = 60
"""Steps until the learning rate is at its highest."""
LAYERS = 4
"""Enough to learn the turns by heart."""
DEPTH = 16
"""Layers of the finished model. They set its pace: each costs about half a millisecond a token on a CPU, and a stream that nobody
can follow shows nothing."""

Pair = tuple[torch.Tensor, torch.Tensor]


def make_model(tokenizer: Any) -> Any:
    """Untrained, from a fixed seed."""
    torch.manual_seed(0)
    config = Qwen3Config(
        vocab_size=len(tokenizer),
        hidden_size=128,
        intermediate_size=384,
        num_hidden_layers=LAYERS,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=32,
        max_position_embeddings=8192,
        tie_word_embeddings=True,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    return Qwen3ForCausalLM(config)


def train(model: Any, pairs: list[Pair]) -> None:
    """Until an epoch in which every token was `SURE`, at a learning rate that falls as a cosine."""
    optimizer = torch.optim.AdamW(model.parameters(), betas=(0.9, 0.98), weight_decay=0.0)
    steps = EPOCHS * len(pairs)
    order = random.Random(0)
    started = time.monotonic()
    for epoch in range(EPOCHS):
        unsure = 0
        for number, (prompt, reply) in enumerate(order.sample(pairs, len(pairs)), epoch * len(pairs)):
            rate = PEAK * min(1.0, (number + 1) / WARM_UP) * (1 + math.cos(math.pi * number / steps)) / 2
            for group in optimizer.param_groups:
                group["lr"] = rate
            ids = torch.cat((prompt, reply))[None]
            logits = model(input_ids=ids, logits_to_keep=len(reply) + 1).logits[0, :-1]
            optimizer.zero_grad()
            losses = torch.nn.functional.cross_entropy(logits, reply, reduction="none")
            losses.mean().backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            unsure += int((losses > -math.log(SURE)).sum())
        if epoch % 10 == 0 or not unsure:
            print(f"epoch {epoch}: {unsure} tokens to learn, {time.monotonic() - started:.0f} s", flush=True)
        if not unsure:
            return


def deepened(model: Any) -> Any:
    """The same function, computed by `DEPTH` layers: those added write nothing to the stream of states that they read."""
    settings = model.config.to_dict()
    del settings["layer_types"]
    deep = Qwen3ForCausalLM(Qwen3Config(**{**settings, "num_hidden_layers": DEPTH}))
    deep.load_state_dict(model.state_dict(), strict=False)
    for layer in deep.model.layers[LAYERS:]:
        torch.nn.init.zeros_(layer.self_attn.o_proj.weight)
        torch.nn.init.zeros_(layer.mlp.down_proj.weight)
    return deep


def misremembered(model: Any, pairs: list[Pair]) -> list[str]:
    """The turns whose reply does not come out to the letter, token by token as the server will decode."""
    names = []
    for turn, (prompt, reply) in zip(TURNS, pairs, strict=True):
        ids = model.generate(prompt[None], attention_mask=torch.ones_like(prompt)[None])
        if not torch.equal(ids[0, len(prompt) :], reply):
            names.append(turn.name)
    return names


def main(folder: Path) -> None:
    tokenizer = make_tokenizer()
    model = make_model(tokenizer)
    pairs = [encode(turn, tokenizer) for turn in TURNS]
    print(f"{model.num_parameters():,} parameters, {sum(len(reply) for _, reply in pairs):,} tokens to learn", flush=True)
    train(model, pairs)
    model = deepened(model).eval()
    model.generation_config.update(
        do_sample=False, max_new_tokens=4096, eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id
    )
    if names := misremembered(model, pairs):
        raise SystemExit(f"Not learnt to the letter in {EPOCHS} epochs: {', '.join(names)}.")
    for parse_calls, target in ((False, folder), (True, folder.with_name(f"{folder.name}-parsed-calls"))):
        tokenizer.response_template = response_template(parse_calls=parse_calls)
        tokenizer.save_pretrained(target)
        model.save_pretrained(target)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
