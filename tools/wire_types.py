"""Write the TypeScript twins of the Python events.

python tools/wire_types.py           # writes js/src/wire.ts
python tools/wire_types.py --check   # fails if js/src/wire.ts is stale
"""

from __future__ import annotations

import sys
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Literal, get_args, get_origin, get_type_hints

from qwen_nb import events

TARGET = Path(__file__).parents[1] / "js" / "src" / "wire.ts"
EVENTS = (events.PartStart, events.PartDelta, events.PartEnd, events.StreamEnd)
ALIASES = {events.Kind: "Kind", events.Status: "Status"}
SCALARS = {str: "string", int: "number", float: "number", bool: "boolean", type(None): "null"}


def typescript(hint: object) -> str:
    if hint in ALIASES:
        return ALIASES[hint]
    if get_origin(hint) is Literal:
        return " | ".join(f'"{value}"' for value in get_args(hint))
    if hint in SCALARS:
        return SCALARS[hint]
    return " | ".join(typescript(arm) for arm in get_args(hint))


def interface(event: type[events.Event]) -> str:
    hints = get_type_hints(event)
    lines = [f'  readonly type: "{event.type}";']
    for f in fields(event):
        if not f.metadata.get("wire", True):
            continue
        optional = "" if f.default is MISSING else "?"
        lines.append(f"  readonly {f.name}{optional}: {typescript(hints[f.name])};")
    summary = (event.__doc__ or "").splitlines()[0]
    return f"/** {summary} */\nexport interface {event.__name__} {{\n" + "\n".join(lines) + "\n}"


def module() -> str:
    blocks = [
        "// Written by tools/wire_types.py from qwen_nb/events.py. Do not edit: run `make generated`.",
        *(
            f"export type {name} =\n" + "\n".join(f'  | "{value}"' for value in get_args(alias)) + ";"
            for alias, name in ALIASES.items()
        ),
        *(interface(event) for event in EVENTS),
        "export type Event = " + " | ".join(event.__name__ for event in EVENTS) + ";",
    ]
    return "\n\n".join(blocks) + "\n"


def main() -> int:
    text = module()
    if "--check" in sys.argv:
        if TARGET.exists() and TARGET.read_text(encoding="utf-8") == text:
            return 0
        print(f"{TARGET.name} is stale: run `make generated`", file=sys.stderr)
        return 1
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
