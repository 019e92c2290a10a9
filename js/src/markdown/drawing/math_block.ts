import { element } from "../../element.ts";
import type { LeafView, Tools } from "./leaf_view.ts";

/** A formula in lines of its own: its source until it is complete. */
export class MathBlockView implements LeafView {
  readonly node: HTMLElement;
  readonly #tools: Tools;
  readonly #source: Text;

  constructor(tools: Tools) {
    this.#tools = tools;
    this.node = element(tools.doc, "div", "md-formula");
    this.#source = tools.doc.createTextNode("");
    this.node.append(this.#source);
  }

  append(text: string): void {
    // The first line mostly holds nothing but the delimiter.
    this.#source.appendData(this.#source.length === 0 ? text.replace(/^\s+/, "") : text);
  }

  draw(): void {}

  close(): void {}

  /** Shows `source`; as the formula that it is if it has come to its end. */
  settle(source: string, ended: boolean): void {
    if (ended) this.node.replaceChildren(this.#tools.formulas.create({ source, display: true }));
    else this.#source.data = source;
  }
}
