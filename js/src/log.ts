import { Clock } from "./clock.ts";
import { type Batch, readBatch } from "./message.ts";
import { Part } from "./part.ts";
import { Puller } from "./pull.ts";
import type { Event, StreamEnd } from "./wire.ts";

const GONE = "Cut off: the kernel is gone. What had arrived is kept here until the page is closed.";

/** Hears that a part has changed, or with `null` that something of the whole stream has. */
export type LogListener = (part: Part | null) => void;

/**
 * The page's copy of a stream: parts that grow, each event applied once, whatever arrives twice, late or not at all.
 *
 * Views read it and are told what to read again; so views made early, late or after a reload have nothing to disagree about.
 */
export class Log {
  /** In order of first appearance. */
  readonly parts: ReadonlyMap<number, Part>;
  readonly #parts = new Map<number, Part>();
  readonly #clock = new Clock();
  readonly #listeners = new Set<LogListener>();
  readonly #puller: Puller;
  readonly #warned = new Set<string>();
  #seq = 0;
  #deltas = 0;
  #end: StreamEnd | null = null;
  /** Whether the kernel has not said so itself that this is the end. */
  #abandoned = false;
  #active: Part | null = null;

  /** `pull` asks the kernel for a snapshot that holds more than batch `seq`; `again`, if it was asked for in vain. */
  constructor(pull: (seq: number, again: boolean) => void) {
    this.parts = this.#parts;
    this.#puller = new Puller((again) => pull(this.#seq, again));
  }

  /** The last batch that is held. */
  get seq(): number {
    return this.#seq;
  }

  /** How many deltas the model has sent: as good as a count of tokens while there is no better. */
  get deltas(): number {
    return this.#deltas;
  }

  get end(): StreamEnd | null {
    return this.#end;
  }

  /** Whether the kernel is gone, so that nobody can be asked for anything. */
  get abandoned(): boolean {
    return this.#abandoned;
  }

  /** The part that changed last. */
  get active(): Part | null {
    return this.#active;
  }

  /** Seconds since the request was sent. */
  get now(): number {
    return this.#clock.now;
  }

  /** The returned function ends the subscription. */
  subscribe(listener: LogListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Takes a batch as it came from the kernel: applies the one that follows, drops those that it holds, pulls after a gap. */
  receive(message: unknown): void {
    const batch = this.#read(message);
    if (batch === null || batch.seq <= this.#seq) return;
    if (batch.seq > this.#seq + 1) {
      this.#puller.start();
      return;
    }
    this.#revive(batch);
    for (const event of batch.events) this.#apply(event);
    this.#advance(batch);
  }

  /** Takes a snapshot: starts the parts that are missing, and extends, renames and ends those that are not. */
  restore(snapshot: unknown): void {
    const batch = this.#read(snapshot);
    if (batch === null || batch.seq <= this.#seq) return;
    this.#revive(batch);
    const passed = new Map<number, number>();
    for (const event of batch.events) {
      if (event.type === "part_delta") {
        const from = passed.get(event.index) ?? 0;
        passed.set(event.index, from + event.text.length);
        const held = this.#parts.get(event.index)?.length ?? 0;
        if (held >= from + event.text.length) continue;
        this.#apply({ ...event, text: event.text.slice(Math.max(0, held - from)) });
      } else if (event.type !== "part_end" || !this.#parts.get(event.index)?.ended) {
        this.#apply(event);
      }
    }
    this.#advance(batch);
  }

  /** The kernel has sent batch `seq`; 0 if that is not known. */
  expect(seq: unknown): void {
    if (typeof seq === "number" && seq > this.#seq) this.#puller.start();
  }

  /** The kernel is gone: nothing will follow, unless it comes back. */
  abandon(): void {
    if (this.#end !== null) return;
    this.#abandoned = true;
    this.#end = { type: "stream_end", status: "truncated", error: GONE, at: this.now };
    this.#puller.stop();
    this.#tell(null);
  }

  /** Nothing is asked for and nobody is told anything any more. */
  dispose(): void {
    this.#puller.stop();
    this.#listeners.clear();
  }

  #read(message: unknown): Batch | null {
    const batch = readBatch(message, (reason) => this.#warn(reason));
    if (batch !== null) this.#clock.sync(batch.at);
    return batch;
  }

  /** The stream goes on: a kernel came back, or the rest of a reply was asked for. */
  #revive(batch: Batch): void {
    if (this.#end !== null) this.#clock.resume(batch.at);
    this.#end = null;
    this.#abandoned = false;
  }

  #advance(batch: Batch): void {
    this.#seq = batch.seq;
    this.#deltas = batch.deltas;
    this.#puller.stop();
    this.#tell(null);
  }

  #apply(event: Event): void {
    switch (event.type) {
      case "part_start": {
        const held = this.#parts.get(event.index);
        const part = held ?? new Part(event);
        if (held === undefined) this.#parts.set(event.index, part);
        else if (!held.rename(event)) return;
        this.#tell(part);
        return;
      }
      case "part_delta":
        this.#change(event.index, (part) => part.append(event.text));
        return;
      case "part_end":
        this.#change(event.index, (part) => part.end(event.reason ?? "", event.at ?? null));
        return;
      case "stream_end":
        this.#end = event;
        this.#tell(null);
        return;
      default:
        event satisfies never;
    }
  }

  #change(index: number, change: (part: Part) => void): void {
    const part = this.#parts.get(index);
    if (part === undefined) {
      this.#warn(`an event for part ${index}, which never started`);
      return;
    }
    change(part);
    this.#tell(part);
  }

  #tell(part: Part | null): void {
    if (part !== null) this.#active = part;
    for (const listener of this.#listeners) listener(part);
  }

  #warn(reason: string): void {
    if (this.#warned.has(reason)) return;
    this.#warned.add(reason);
    console.warn(`qwen_nb: dropped ${reason}.`);
  }
}
