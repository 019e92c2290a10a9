"""Make what the engine needs: its own virtual environment, and the trained model. `python -m tools.engine.environment`.

Both are made once, and again when what they are made of has changed. The first time takes about five minutes.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv-engine"
HOME = ROOT / "build" / "engine"
"""Where transformers looks for models (`HF_HOME`)."""
MODEL = "qwen3-tiny"
PARSED_CALLS = "qwen3-tiny-parsed-calls"
"""The same model, but the server takes its tool calls apart and sends each whole. Without that, their text streams."""
MODELS = (MODEL, PARSED_CALLS)

_REQUIREMENTS = Path(__file__).with_name("requirements.txt")
_INGREDIENTS = ("train.py", "tokenizer.py", "*turn*.py", "chat_template.jinja", "requirements.txt", "answers/*.md")


def prepare() -> None:
    """Make the environment and the model, as far as they are missing or out of date."""
    if _stamp().is_file() and _stamp().read_bytes() == _REQUIREMENTS.read_bytes():
        print(f"{VENV.name} is ready.")
    else:
        print(f"Installing torch and transformers into {VENV.name} …", flush=True)
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
        subprocess.run([VENV / "bin" / "pip", "install", "--quiet", "--requirement", _REQUIREMENTS], check=True)
        shutil.copy(_REQUIREMENTS, _stamp())
    if all(_snapshot(name).is_dir() for name in MODELS):
        print(f"{MODEL} is trained.")
        return
    print(f"Training {MODEL} …", flush=True)
    folder = HOME / "trained" / MODEL
    subprocess.run([VENV / "bin" / "python", "-m", "tools.engine.train", folder], check=True, cwd=ROOT, env=environ())
    for name in MODELS:
        _publish(folder.with_name(name))


def environ() -> dict[str, str]:
    """For processes of the engine: no network, the cache in `HOME`, and one thread.

    For a model this small threads wait for each other more than they compute, on a busy machine ten times as long.
    """
    settings = {"HF_HUB_OFFLINE": "1", "HF_HOME": HOME, "OMP_NUM_THREADS": 1, "TRANSFORMERS_VERBOSITY": "error"}
    return {**os.environ, **{name: str(value) for name, value in settings.items()}}


def revision() -> str:
    """Names the model by what it is made of."""
    digest = hashlib.sha1(usedforsecurity=False)
    for pattern in _INGREDIENTS:
        for path in sorted(Path(__file__).parent.glob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _stamp() -> Path:
    return VENV / _REQUIREMENTS.name


def _repository(name: str) -> Path:
    return HOME / "hub" / f"models--{name}"


def _snapshot(name: str) -> Path:
    return _repository(name) / "snapshots" / revision()


def _publish(folder: Path) -> None:
    """Put a saved model where the Hugging Face cache would have it, so that it is served and listed under its name."""
    repository = _repository(folder.name)
    shutil.rmtree(repository, ignore_errors=True)
    _snapshot(folder.name).parent.mkdir(parents=True)
    shutil.move(folder, _snapshot(folder.name))
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(revision())


if __name__ == "__main__":
    prepare()
