import { element } from "../element.ts";
import type { Part } from "../part.ts";
import { PlainRenderer } from "../renderer.ts";
import { ScrollBox } from "../scroll_box.ts";
import { Cursor, type Stage } from "./section.ts";

/** Text that lines up or is nested: set like code. */
const CODE = /^\s*[[{]|\n/;

/** What a function returned, as the model was told. */
export class ResultText {
  readonly node: HTMLElement;
  readonly #part: Part;
  readonly #text: PlainRenderer;
  readonly #cursor: Cursor;
  readonly #box: ScrollBox;

  constructor(part: Part, { doc, signal }: Stage) {
    this.#part = part;
    this.#cursor = new Cursor(part);
    this.#text = new PlainRenderer(doc);
    this.#box = new ScrollBox(element(doc, "div", "result"), "Result", signal);
    this.node = this.#box.node;
    this.node.append(this.#text.node);
  }

  draw(): void {
    const text = this.#cursor.take();
    if (text !== "") this.#text.append(text);
    if (this.#part.ended) this.node.classList.toggle("code", CODE.test(this.#part.text));
  }

  settle(): void {
    this.#box.follow();
  }
}
