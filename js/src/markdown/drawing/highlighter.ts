import type { RendererHost } from "../../renderer.ts";
import { inSlices } from "./slices.ts";

/** A piece of code, and what it is, as class names. */
export interface Run {
  readonly text: string;
  readonly scope: string;
}

/** The exports of the bundle `highlight`. */
export interface HighlightBundle {
  /** The code in pieces; `null` if the language is not known. */
  runs(code: string, language: string): Run[] | null;
}

/** Longest code that is read in one go, in UTF-16 units: reading keeps the page busy, about a millisecond for 2,000. */
const MAX_PIECE = 24_000;

/** Gives complete code its colours; as soon as it can, but never so that the page waits for it. */
export class Highlighter {
  readonly #doc: Document;
  readonly #host: RendererHost;
  #bundle: Promise<HighlightBundle> | null = null;

  constructor(doc: Document, host: RendererHost) {
    this.#doc = doc;
    this.#host = host;
  }

  /** `boxes` hold the lines of the code, each as one text. */
  draw(boxes: readonly HTMLElement[], language: string): void {
    this.#bundle ??= this.#host.load("highlight") as Promise<HighlightBundle>;
    this.#bundle.then(
      (bundle) => inSlices(this.#steps(bundle, boxes, language), (step) => step()),
      () => {
        // Without it code is readable, if plain.
      },
    );
  }

  *#steps(bundle: HighlightBundle, boxes: readonly HTMLElement[], language: string): Generator<() => void> {
    for (const piece of pieces(boxes)) {
      let runs: Run[] | null = null;
      yield () => {
        runs = bundle.runs(piece.map((box) => box.textContent ?? "").join(""), language);
      };
      if (runs === null) return;
      const colours = new RunReader(runs);
      for (const box of piece) yield () => this.#colour(box, colours);
    }
  }

  #colour(box: HTMLElement, colours: RunReader): void {
    const length = box.textContent?.length ?? 0;
    box.replaceChildren(
      ...colours.take(length).map(({ text, scope }) => {
        if (scope === "") return this.#doc.createTextNode(text);
        const span = this.#doc.createElement("span");
        span.className = scope;
        span.textContent = text;
        return span;
      }),
    );
  }
}

/** `boxes` in groups that are not too long to be read in one go. */
function* pieces(boxes: readonly HTMLElement[]): Generator<HTMLElement[]> {
  let piece: HTMLElement[] = [];
  let length = 0;
  for (const box of boxes) {
    const more = box.textContent?.length ?? 0;
    if (length > 0 && length + more > MAX_PIECE) {
      yield piece;
      piece = [];
      length = 0;
    }
    piece.push(box);
    length += more;
  }
  if (length > 0) yield piece;
}

/** Reads runs by number of characters. */
class RunReader {
  readonly #runs: readonly Run[];
  #index = 0;
  #offset = 0;

  constructor(runs: readonly Run[]) {
    this.#runs = runs;
  }

  take(length: number): Run[] {
    const taken: Run[] = [];
    for (let left = length; left > 0; ) {
      const run = this.#runs[this.#index];
      if (run === undefined) break;
      const text = run.text.slice(this.#offset, this.#offset + left);
      taken.push({ text, scope: run.scope });
      left -= text.length;
      this.#offset += text.length;
      if (this.#offset === run.text.length) {
        this.#index++;
        this.#offset = 0;
      }
    }
    return taken;
  }
}
