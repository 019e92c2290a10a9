import { isBase64 } from "../base64.ts";
import { element } from "../element.ts";
import type { Part } from "../part.ts";
import type { Section, Stage } from "./section.ts";

/** What a page may draw out of bytes that it was sent. SVG is not among them: it can hold scripts. */
const DRAWN = /^image\/(png|jpeg|gif|webp)$/;

/** A picture that a function returned, whole once its part has ended. */
export class ImageSection implements Section {
  readonly node: HTMLElement;
  readonly live = false;
  readonly #part: Part;
  readonly #image: HTMLImageElement;

  constructor(part: Part, stage: Stage) {
    this.#part = part;
    this.#image = stage.doc.createElement("img");
    this.#image.alt = "Picture that a function returned";
    this.node = element(stage.doc, "div", "picture");
  }

  draw(): void {
    if (!this.#part.ended || this.#image.src !== "" || !DRAWN.test(this.#part.name)) return;
    const data = this.#part.text.replaceAll("\n", "");
    if (!isBase64(data)) return;
    this.#image.src = `data:${this.#part.name};base64,${data}`;
    this.node.append(this.#image);
  }
}
