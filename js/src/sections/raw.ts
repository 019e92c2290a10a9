import { element } from "../element.ts";
import type { Part } from "../part.ts";
import { escaped, VisibleText } from "../visible.ts";
import { Cursor, type Section, type Stage } from "./section.ts";

/** Parts whose own section has failed, as they came. */
export class RawSection implements Section {
  readonly node: HTMLElement;
  readonly live = false;
  readonly #texts: readonly (readonly [Cursor, VisibleText])[];

  constructor(parts: readonly Part[], { doc }: Stage) {
    this.node = element(doc, "div", "answer");
    // Nobody reads speech or a picture as text.
    const read = parts.filter(({ kind }) => kind !== "audio" && kind !== "image");
    this.#texts = read.map((part) => {
      const box = element(doc, "div", "raw");
      const text = new VisibleText(doc, escaped);
      box.append(text.node);
      this.node.append(box);
      return [new Cursor(part), text];
    });
  }

  draw(): void {
    for (const [cursor, text] of this.#texts) text.append(cursor.take());
  }
}
