import type { Log } from "../log.ts";
import type { Part } from "../part.ts";
import type { RendererHost } from "../renderer.ts";
import type { Verdict } from "./approval.ts";

/** What a section may know of the view it stands in. */
export interface Stage {
  readonly doc: Document;
  readonly log: Log;
  readonly host: RendererHost;
  /** Texts are JSON that follows a schema. */
  readonly structured: boolean;
  /** The user's answer to a call that asks first; `changed`, as JSON, if other arguments are to be used. */
  approve(id: string, verdict: Verdict, changed?: string): void;
  /** Speech of the reply is heard now, or no more. */
  sounds(playing: boolean): void;
  /** Ends with the view. */
  readonly signal: AbortSignal;
}

/** The drawing of one part. */
export interface Section {
  readonly node: HTMLElement;
  /** Whether something in it moves with time, so that it wants ticks. */
  readonly live: boolean;
  /** Draws what of the part has not been drawn. Costs what is new, not what there is. */
  draw(): void;
  tick?(): void;
  /** Called after all sections have been drawn; the layout may be read. */
  settle?(): void;
  /** Another section follows it. */
  succeeded?(): void;
  /** Shows the text as it came, or drawn. */
  setRaw?(raw: boolean): void;
}

/** Reads the text of a part piece by piece. */
export class Cursor {
  readonly #part: Part;
  #seen = 0;

  constructor(part: Part) {
    this.#part = part;
  }

  /** What has come since the last call. */
  take(): string {
    const fragments = this.#part.fragments;
    const fresh = this.#seen === fragments.length ? "" : fragments.slice(this.#seen).join("");
    this.#seen = fragments.length;
    return fresh;
  }
}
