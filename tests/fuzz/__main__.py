"""Fuzzing with a budget: `python -m tests.fuzz --inputs 1000000 --seed 7 sse chat`.

The inputs, or the seconds, are shared among the targets. What is found is printed with its seed, made small, and kept in the
corpus, where `make test` replays it. Exit status 1 if anything was found.
"""

from __future__ import annotations

import argparse
import time

from tests.fuzz.campaign import Campaign
from tests.fuzz.targets import TARGETS


def main() -> int:
    parser = argparse.ArgumentParser(description="Feed damaged inputs to whatever reads what others wrote.")
    parser.add_argument("--inputs", type=int, default=0, help="in all; 0: as many as there is time for")
    parser.add_argument("--seconds", type=float, default=0.0, help="in all; 0: as many as the inputs take")
    parser.add_argument("--seed", type=int, default=None, help="the same seed makes the same inputs; by default the time")
    parser.add_argument("targets", nargs="*", metavar="target", help=f"of: {', '.join(TARGETS)}; by default all")
    given = parser.parse_args()
    if unknown := [name for name in given.targets if name not in TARGETS]:
        parser.error(f"no such target: {', '.join(unknown)}")
    chosen = [TARGETS[name] for name in given.targets] or list(TARGETS.values())
    seed = int(time.time()) if given.seed is None else given.seed
    seconds = given.seconds or (0.0 if given.inputs else 60.0)
    print(f"seed {seed}", flush=True)
    found = count = 0
    started = time.monotonic()
    for number, target in enumerate(chosen):
        campaign = Campaign(target, seed)
        left = started + seconds - time.monotonic()
        until = time.monotonic() + left / (len(chosen) - number) if seconds else float("inf")
        inputs = given.inputs // len(chosen) + (number < given.inputs % len(chosen)) if given.inputs else 10**12
        campaign.run(inputs, until)
        count += campaign.count
        found += len(campaign.findings)
        rate = campaign.count / max(campaign.seconds, 1e-9)
        print(f"{target.name:<12}{campaign.count:>10,} inputs {campaign.seconds:>8.1f} s {rate:>8,.0f} inputs/s", flush=True)
        for finding in campaign.findings.values():
            print(f"  seed {finding.seed}: {finding.what}\n    {finding.data[:200]!r}", flush=True)
            print(f"    kept in {finding.keep(target)}", flush=True)
    took = time.monotonic() - started
    print(f"{'all':<12}{count:>10,} inputs {took:>8.1f} s {count / took:>8,.0f} inputs/s; {found} found")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
