import { element, setText } from "../element.ts";
import { bytes } from "../format.ts";
import type { Part } from "../part.ts";
import type { Section, Stage } from "./section.ts";

/** Says how much sound has come. Its samples stay with the kernel, which knows their format. */
export class AudioSection implements Section {
  readonly node: HTMLElement;
  readonly live = false;
  readonly #part: Part;

  constructor(part: Part, stage: Stage) {
    this.#part = part;
    this.node = element(stage.doc, "div", "notice");
  }

  draw(): void {
    setText(this.node, `Audio, ${bytes(Math.floor((this.#part.length * 3) / 4))}`);
  }
}
