import { element } from "../../element.ts";
import type { RendererHost } from "../../renderer.ts";
import type { Formula } from "../inline/tree.ts";
import { inSlices } from "./slices.ts";

/** The exports of the bundle `math`. */
export interface MathBundle {
  /** The formula as MathML; `null` if it is not one. */
  formula(source: string, display: boolean): Element | null;
}

/** Drawn formulas by what they were drawn from; `null` for what is no formula. Shared by all replies of the page. */
const drawn = new Map<string, Element | null>();
const MAX_DRAWN = 2000;

/** UTF-16 units above which a formula in a line may be too long for it. */
const WIDE = 24;

/** Draws formulas; as their source, until the code that can draw them has come. */
export class Formulas {
  readonly #doc: Document;
  readonly #host: RendererHost;
  #bundle: MathBundle | null = null;
  #waiting: { node: HTMLElement; math: Formula }[] | null = null;

  constructor(doc: Document, host: RendererHost) {
    this.#doc = doc;
    this.#host = host;
  }

  create(math: Formula): HTMLElement {
    const node = element(this.#doc, "span", "md-math", math.source);
    if (math.display) node.classList.add("md-display");
    else if (math.source.length > WIDE) node.classList.add("md-wide");
    if (this.#bundle !== null) this.#draw(this.#bundle, node, math);
    else if (this.#waiting !== null) this.#waiting.push({ node, math });
    else {
      this.#waiting = [{ node, math }];
      void this.#load();
    }
    return node;
  }

  async #load(): Promise<void> {
    try {
      this.#bundle = (await this.#host.load("math")) as MathBundle;
    } catch {
      // Without it formulas stay readable as what they were written as.
      return;
    }
    const bundle = this.#bundle;
    inSlices(this.#waiting ?? [], ({ node, math }) => this.#draw(bundle, node, math));
  }

  #draw(bundle: MathBundle, node: HTMLElement, math: Formula): void {
    const key = `${math.display}${math.source}`;
    let formula = drawn.get(key);
    if (formula === undefined) {
      formula = bundle.formula(math.source, math.display);
      if (drawn.size >= MAX_DRAWN) drawn.clear();
      drawn.set(key, formula);
    }
    if (formula === null) node.classList.add("md-bad");
    else node.replaceChildren(this.#doc.importNode(formula, true));
  }
}
