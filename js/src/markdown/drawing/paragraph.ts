import type { Align } from "../blocks/block.ts";
import { InlineText } from "./inline_text.ts";
import type { LeafView, Tools } from "./leaf_view.ts";
import { TableHead } from "./table.ts";

const TASK = /^\[[ xX]\](?=[ \t\n])/;
const MAY_BE_TASK = /^\[(?:[ xX]\]?)?$/;

/** A paragraph. One that begins with `|` looks like the header of a table until its second line says that it is none. */
export class ParagraphView implements LeafView {
  readonly #tools: Tools;
  /** The item of which it is the beginning, which may be a task; `null` if it is in none, or that is known. */
  #item: HTMLElement | null;
  #held = "";
  #box: HTMLElement;
  #text: InlineText;
  #head: { readonly view: TableHead; readonly source: string[] } | null = null;

  constructor(tools: Tools, item: HTMLElement | null) {
    this.#tools = tools;
    this.#item = item;
    this.#box = tools.doc.createElement("p");
    this.#text = new InlineText(this.#box, tools.context, true);
  }

  get node(): HTMLElement {
    return this.#box;
  }

  append(text: string): void {
    const taken = this.#item === null ? text : this.#takeTask(this.#item, text);
    const first = this.#text.empty && this.#head === null;
    const more = first ? taken.replace(/^[ \t\n]+/, "") : taken;
    if (more === "") return;
    if (first && more.startsWith("|")) this.#showHead();
    if (this.#head === null) this.#text.append(more);
    else if (more.includes("\n")) {
      this.#leaveHead();
      this.#text.append(more);
    } else {
      this.#head.source.push(more);
      this.#head.view.append(more);
    }
  }

  draw(): void {
    if (this.#head !== null) this.#head.view.draw();
    else this.#text.draw();
  }

  close(): void {
    this.#leaveHead();
    this.#text.append(this.#held);
    this.#text.close();
  }

  /** Shows `text` in place of all that has been appended. */
  reset(text: string): void {
    this.#leaveHead();
    this.#box.replaceChildren();
    this.#text = new InlineText(this.#box, this.#tools.context, true);
    this.#text.append(text);
  }

  /** The text, from now on that of a heading. */
  intoHeading(level: number): HeadingView {
    this.#leaveHead();
    this.#text.append(this.#held);
    const heading = new HeadingView(this.#tools, level, this.#text);
    this.#box.replaceWith(heading.node);
    return heading;
  }

  /** The head of the table of which `header` is the first line. */
  intoHead(header: string, aligns: readonly Align[]): TableHead {
    const head = this.#head?.view ?? new TableHead(this.#tools);
    if (this.#head === null) head.append(header);
    head.close(aligns);
    if (this.#box !== head.node) this.#box.replaceWith(head.node);
    return head;
  }

  #showHead(): void {
    const view = new TableHead(this.#tools);
    this.#head = { view, source: [] };
    this.#box.replaceWith(view.node);
    this.#box = view.node;
  }

  #leaveHead(): void {
    if (this.#head === null) return;
    const paragraph = this.#tools.doc.createElement("p");
    this.#box.replaceWith(paragraph);
    this.#box = paragraph;
    this.#text = new InlineText(paragraph, this.#tools.context, true);
    this.#text.append(this.#head.source.join(""));
    this.#head = null;
  }

  /** What is left of `text` without the box of a task. */
  #takeTask(item: HTMLElement, text: string): string {
    this.#held += text;
    if (MAY_BE_TASK.test(this.#held)) return "";
    const held = this.#held;
    this.#held = "";
    this.#item = null;
    const mark = TASK.exec(held)?.[0];
    if (mark === undefined) return held;
    const done = mark !== "[ ]";
    const box = this.#tools.doc.createElement("input");
    box.type = "checkbox";
    box.disabled = true;
    box.defaultChecked = done;
    box.setAttribute("aria-label", done ? "Done" : "To do");
    item.classList.add("md-task");
    item.prepend(box);
    return held.slice(mark.length);
  }
}

export class HeadingView implements LeafView {
  readonly node: HTMLElement;
  readonly #text: InlineText;

  /** Goes on with `text` if it is given. */
  constructor(tools: Tools, level: number, text?: InlineText) {
    this.node = tools.doc.createElement(`h${level}`);
    this.node.dir = "auto";
    this.#text = text ?? new InlineText(this.node, tools.context);
    text?.moveTo(this.node);
  }

  append(text: string): void {
    this.#text.append(text);
  }

  draw(): void {
    this.#text.draw();
  }

  close(): void {
    this.#text.close();
  }
}
