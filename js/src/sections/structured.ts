import { element } from "../element.ts";
import { type Part, REJECTED } from "../part.ts";
import { PlainRenderer } from "../renderer.ts";
import { ArgumentFields } from "./fields.ts";
import { Cursor, type Section, type Stage } from "./section.ts";

/** An answer that is JSON, as fields that fill. What some models put around it is left out. */
export class StructuredSection implements Section {
  readonly node: HTMLElement;
  readonly live = false;
  readonly #part: Part;
  readonly #stage: Stage;
  readonly #cursor: Cursor;
  readonly #fields: ArgumentFields;
  readonly #text: PlainRenderer;
  #raw = false;
  /** Whether the object has begun; `null` if there is none. */
  #begun: boolean | null = false;

  constructor(part: Part, stage: Stage) {
    const { doc } = stage;
    this.#part = part;
    this.#stage = stage;
    this.#cursor = new Cursor(part);
    this.#fields = new ArgumentFields(stage);
    this.#text = new PlainRenderer(doc);
    this.#text.node.classList.add("raw");
    this.node = element(doc, "div", "answer structured");
    this.node.append(this.#fields.node, this.#text.node);
  }

  draw(): void {
    const text = this.#cursor.take();
    this.#text.append(text);
    if (this.#begun === true) this.#fields.write(text);
    else if (this.#begun === false) this.#begin(text);
    const busy = !this.#part.ended && this.#stage.log.end === null;
    if (busy) this.node.setAttribute("aria-busy", "true");
    else this.node.removeAttribute("aria-busy");
    if (!busy && this.#begun === false) this.#begun = null;
    this.node.classList.toggle(REJECTED, this.#part.name === REJECTED);
    this.setRaw(this.#raw);
  }

  settle(): void {
    this.#fields.settle();
  }

  setRaw(raw: boolean): void {
    this.#raw = raw;
    const asItIs = raw || this.#begun === null;
    this.#text.node.hidden = !asItIs;
    this.#fields.node.hidden = asItIs;
  }

  #begin(text: string): void {
    const start = text.search(/[{[]/);
    if (start < 0) return;
    this.#begun = text.charAt(start) === "{" || null;
    if (this.#begun) this.#fields.write(text.slice(start));
  }
}
