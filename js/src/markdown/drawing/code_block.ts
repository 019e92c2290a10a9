import { copyText } from "../../clipboard.ts";
import { element } from "../../element.ts";
import type { Highlighter } from "./highlighter.ts";
import type { LeafView } from "./leaf_view.ts";
import { Shelf } from "./shelf.ts";

/** Lines that stand in one box. One that grows is laid out anew with all that stands in it. */
const LINES = 16;
/** How long the Copy button says that it has copied, in milliseconds. */
const COPIED = 1500;

/** Code, which grows by characters appended to its last few lines, and gets its colours when it is complete. */
export class CodeBlock implements LeafView {
  readonly node: HTMLElement;
  readonly #doc: Document;
  readonly #code: HTMLElement;
  readonly #shelf: Shelf;
  readonly #boxes: HTMLElement[] = [];
  readonly #highlighter: Highlighter;
  readonly #language: string;
  #last: Text | null = null;
  #lines = 0;

  /** `info` is what stands after the opening fence. */
  constructor(doc: Document, highlighter: Highlighter, info: string) {
    this.#doc = doc;
    this.#highlighter = highlighter;
    const [word = ""] = info.trim().split(/\s+/, 1);
    this.#language = languageOf(word);
    this.#code = doc.createElement("code");
    if (this.#language !== "") this.#code.className = `language-${this.#language}`;
    const makeGroup = () => {
      const group = element(doc, "span", "md-lines");
      return { outer: group, inner: group };
    };
    this.#shelf = new Shelf(this.#code, makeGroup);
    const pre = doc.createElement("pre");
    pre.tabIndex = 0;
    pre.dir = "ltr";
    pre.append(this.#code);
    const head = element(doc, "div", "md-head");
    head.append(element(doc, "span", "md-language", word.slice(0, 40)), this.#copyButton());
    this.node = element(doc, "div", "md-code");
    this.node.append(head, pre);
  }

  append(text: string): void {
    for (let start = 0; start < text.length; ) {
      const end = this.#boxEnd(text, start);
      this.#last ??= this.#addBox();
      this.#last.appendData(text.slice(start, end));
      if (this.#lines === LINES) {
        this.#lines = 0;
        this.#last = null;
      }
      start = end;
    }
  }

  draw(): void {}

  close(): void {
    if (this.#language !== "" && this.#boxes.length > 0) this.#highlighter.draw(this.#boxes, this.#language);
  }

  /** Where the last box is full, or the text's end; counts its lines on the way. */
  #boxEnd(text: string, start: number): number {
    for (let end = text.indexOf("\n", start); end >= 0; end = text.indexOf("\n", end + 1)) {
      if (++this.#lines === LINES) return end + 1;
    }
    return text.length;
  }

  #addBox(): Text {
    const box = element(this.#doc, "span", "md-lines");
    const text = this.#doc.createTextNode("");
    box.append(text);
    this.#shelf.place(box);
    this.#boxes.push(box);
    return text;
  }

  #copyButton(): HTMLButtonElement {
    const button = element(this.#doc, "button", "md-copy", "Copy");
    button.type = "button";
    button.setAttribute("aria-label", "Copy code");
    button.addEventListener("click", async () => {
      const copied = await copyText(this.#doc, this.#code.textContent ?? "");
      button.textContent = copied ? "Copied" : "Not copied";
      setTimeout(() => {
        button.textContent = "Copy";
      }, COPIED);
    });
    return button;
  }
}

/** The language that the first word after a fence names, as far as it can be part of a class name. */
function languageOf(word: string): string {
  return word
    .toLowerCase()
    .replace(/^\{?\.?/, "")
    .replace(/[^a-z0-9+#_-].*$/, "")
    .slice(0, 32);
}
