import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "../log.ts";
import type { Batch } from "../message.ts";
import type { Event, Kind, StreamEnd } from "../wire.ts";

export interface GoldenPart {
  readonly kind: Kind;
  readonly name: string;
  readonly id: string;
  readonly choice: number;
  readonly text: string;
  readonly ended: boolean;
  readonly reason: string;
}

/** A stream as the kernel sends it, and where it leads. `tests/test_golden.py` reads the same files. */
export interface Golden {
  readonly name: string;
  readonly batches: readonly Batch[];
  readonly state: { readonly parts: readonly GoldenPart[]; readonly end: StreamEnd | null };
}

const FOLDER = join(import.meta.dirname, "../../../tests/golden");

export const golden: readonly Golden[] = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".json"))
  .map((name) => JSON.parse(readFileSync(join(FOLDER, name), "utf8")) as Golden);

/** What `log` holds, in the form of a golden file. */
export function stateOf(log: Log): Golden["state"] {
  const parts = [...log.parts.values()].map(({ kind, name, id, choice, text, ended, reason }) => {
    return { kind, name, id, choice, text, ended, reason };
  });
  return { parts, end: log.end };
}

/** The snapshot that the kernel would send of what `log` holds. */
export function snapshotOf(log: Log): Batch {
  const events: Event[] = [];
  for (const part of log.parts.values()) {
    const { index, kind, name, id, choice, startedAt, text, reason, endedAt } = part;
    events.push({ type: "part_start", index, kind, name, id, choice, at: startedAt });
    if (text !== "") events.push({ type: "part_delta", index, text });
    if (part.ended) events.push({ type: "part_end", index, reason, at: endedAt });
  }
  if (log.end !== null) events.push(log.end);
  return { seq: log.seq, at: log.now, deltas: log.deltas, events };
}
