import { element } from "../element.ts";
import type { Part } from "../part.ts";
import { PlainRenderer } from "../renderer.ts";
import { Cursor, type Section, type Stage } from "./section.ts";

/** The notice of what was filled into the prompt: its first line says it, the rest is the prompt as it was sent. */
const FILLED = "filled";

/** Something the user should know that is not an error. */
export class NoticeSection implements Section {
  readonly node: HTMLElement;
  readonly live = false;
  readonly #stage: Stage;
  readonly #part: Part;
  readonly #text: PlainRenderer;
  readonly #cursor: Cursor;
  /** Where the rest goes, once there is some. */
  #rest: PlainRenderer | null = null;

  constructor(part: Part, stage: Stage) {
    this.#stage = stage;
    this.#part = part;
    this.#cursor = new Cursor(part);
    this.#text = new PlainRenderer(stage.doc);
    this.node = element(stage.doc, "div", "notice");
    this.node.append(this.#text.node);
  }

  draw(): void {
    const text = this.#cursor.take();
    const line = text.indexOf("\n");
    if (this.#rest !== null) {
      this.#rest.append(text);
    } else if (this.#part.name !== FILLED || line < 0) {
      this.#text.append(text);
    } else {
      this.#text.append(text.slice(0, line));
      this.#rest = this.#fold();
      this.#rest.append(text.slice(line + 1));
    }
  }

  #fold(): PlainRenderer {
    const { doc } = this.#stage;
    const rest = new PlainRenderer(doc);
    const folded = element(doc, "details", "sent");
    folded.append(element(doc, "summary", "", "The prompt as it was sent"), rest.node);
    this.node.append(folded);
    return rest;
  }
}
