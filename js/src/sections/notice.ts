import { element } from "../element.ts";
import type { Part } from "../part.ts";
import { PlainRenderer } from "../renderer.ts";
import { Cursor, type Section, type Stage } from "./section.ts";

/** Something the user should know that is not an error. */
export class NoticeSection implements Section {
  readonly node: HTMLElement;
  readonly live = false;
  readonly #text: PlainRenderer;
  readonly #cursor: Cursor;

  constructor(part: Part, stage: Stage) {
    this.#cursor = new Cursor(part);
    this.#text = new PlainRenderer(stage.doc);
    this.node = element(stage.doc, "div", "notice");
    this.node.append(this.#text.node);
  }

  draw(): void {
    this.#text.append(this.#cursor.take());
  }
}
