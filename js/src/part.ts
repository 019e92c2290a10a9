import type { Kind, PartStart } from "./wire.ts";

/** The name of a text that did not follow its schema: the model was asked again. */
export const REJECTED = "rejected";

/** One numbered part of a reply, as far as it has come. `Log` writes it, sections read it. */
export class Part {
  readonly index: number;
  kind: Kind;
  name: string;
  id: string;
  choice: number;
  /** Seconds from the request to the start, `null` if nobody looked at a clock. */
  readonly startedAt: number | null;
  endedAt: number | null = null;
  ended = false;
  /** How often it has been opened. A section that was finished does not go on: it is made anew. */
  openings = 1;
  /** As in `PartEnd`. */
  reason = "";
  /** The text in the pieces in which it came; a reader remembers how many it has seen. */
  readonly fragments: string[] = [];
  /** Of all fragments together, in UTF-16 units. */
  length = 0;

  constructor(start: PartStart) {
    this.index = start.index;
    this.kind = start.kind;
    this.name = start.name ?? "";
    this.id = start.id ?? "";
    this.choice = start.choice ?? 0;
    this.startedAt = start.at ?? null;
  }

  get text(): string {
    return this.fragments.join("");
  }

  /** What kind of part it is, and whose. The text stays. Says whether that is news. */
  rename(start: PartStart): boolean {
    const { kind, name = "", id = "", choice = 0 } = start;
    if (kind === this.kind && name === this.name && id === this.id && choice === this.choice) return false;
    Object.assign(this, { kind, name, id, choice });
    return true;
  }

  /** Appends to the text. A part that had ended is open again: the rest of a reply that was cut off goes on there. */
  append(text: string): void {
    if (this.ended) {
      this.ended = false;
      this.reason = "";
      this.endedAt = null;
      this.openings += 1;
    }
    this.fragments.push(text);
    this.length += text.length;
  }

  end(reason: string, at: number | null): void {
    this.ended = true;
    this.reason = reason;
    this.endedAt = at;
  }
}
