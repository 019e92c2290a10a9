import { element, setText } from "../element.ts";
import { duration, elapsed } from "../format.ts";
import type { Part } from "../part.ts";
import { PlainRenderer } from "../renderer.ts";
import { ScrollBox } from "../scroll_box.ts";
import { Cursor, type Section, type Stage } from "./section.ts";

/** What the model thinks: open while it does, folded when something follows, unless the user has touched it. */
export class ReasoningSection implements Section {
  readonly node: HTMLDetailsElement;
  readonly #part: Part;
  readonly #stage: Stage;
  readonly #label: HTMLElement;
  readonly #text: PlainRenderer;
  readonly #box: ScrollBox;
  readonly #cursor: Cursor;
  #touched = false;

  constructor(part: Part, stage: Stage) {
    const { doc, signal } = stage;
    this.#part = part;
    this.#stage = stage;
    this.#cursor = new Cursor(part);
    this.#text = new PlainRenderer(doc);
    this.#box = new ScrollBox(element(doc, "div", "thought"), "Thinking", signal);
    this.#box.node.append(this.#text.node);
    this.#label = element(doc, "summary", "");
    const touch = () => {
      this.#touched = true;
    };
    this.#label.addEventListener("click", touch, { signal });
    this.node = element(doc, "details", "reasoning");
    this.node.open = true;
    this.node.append(this.#label, this.#box.node);
  }

  get live(): boolean {
    return !this.#part.ended && this.#stage.log.end === null;
  }

  draw(): void {
    const text = this.#cursor.take();
    if (text !== "") this.#text.append(text);
    this.node.classList.toggle("live", this.live);
    this.tick();
  }

  tick(): void {
    const { startedAt, endedAt } = this.#part;
    if (this.live) {
      const time = startedAt === null ? "" : ` ${elapsed(Math.max(0, this.#stage.log.now - startedAt))}`;
      setText(this.#label, `Thinking…${time}`);
    } else {
      const time = startedAt === null || endedAt === null ? "" : ` for ${duration(endedAt - startedAt)}`;
      setText(this.#label, `Thought${time}`);
    }
  }

  settle(): void {
    this.#box.follow();
  }

  succeeded(): void {
    if (!this.#touched) this.node.open = false;
  }
}
