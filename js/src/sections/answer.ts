import { Caret } from "../caret.ts";
import { element } from "../element.ts";
import { finishNote } from "../end_note.ts";
import type { Part } from "../part.ts";
import { PlainRenderer, type Renderer, type RendererFactory } from "../renderer.ts";
import { Cursor, type Section, type Stage } from "./section.ts";

/** What the model says: its answer, or why it gives none. */
export class AnswerSection implements Section {
  readonly node: HTMLElement;
  readonly live = false;
  readonly #part: Part;
  readonly #stage: Stage;
  readonly #drawn: Renderer;
  readonly #cursor: Cursor;
  readonly #caret = new Caret();
  #raw: PlainRenderer | null = null;
  #ended = false;

  constructor(part: Part, stage: Stage, create: RendererFactory) {
    this.#part = part;
    this.#stage = stage;
    this.#cursor = new Cursor(part);
    this.#drawn = create(stage.doc, stage.host);
    this.node = element(stage.doc, "div", part.kind === "refusal" ? "answer refusal" : "answer");
    this.node.append(this.#drawn.node);
  }

  draw(): void {
    const text = this.#cursor.take();
    if (text !== "") {
      this.#drawn.append(text);
      this.#raw?.append(text);
    }
    const busy = !this.#part.ended && this.#stage.log.end === null;
    this.#setBusy(busy);
    if (busy) this.#caret.moveTo(this.#drawn.node);
    else this.#caret.remove();
    if (!this.#part.ended || this.#ended) return;
    this.#ended = true;
    this.#drawn.end();
    // The finish_reason of the first choice is that of the reply, which says it at its end.
    const note = this.#part.choice > 0 ? finishNote(this.#part.reason) : null;
    if (note !== null) this.node.append(element(this.#stage.doc, "div", "note bad", note.text));
  }

  settle(): void {
    this.#drawn.settle?.();
  }

  setRaw(raw: boolean): void {
    this.draw();
    this.#raw?.node.remove();
    this.#raw = null;
    this.#drawn.node.hidden = raw;
    if (!raw) return;
    this.#raw = new PlainRenderer(this.#stage.doc);
    this.#raw.node.classList.add("raw");
    this.#raw.append(this.#part.text);
    this.node.append(this.#raw.node);
  }

  #setBusy(busy: boolean): void {
    if (busy === this.node.hasAttribute("aria-busy")) return;
    if (busy) this.node.setAttribute("aria-busy", "true");
    else this.node.removeAttribute("aria-busy");
  }
}
