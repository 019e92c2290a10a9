import { copyText } from "../../clipboard.ts";
import { element } from "../../element.ts";
import { say } from "../../said.ts";
import type { Highlighter } from "./highlighter.ts";
import type { LeafView, Tools } from "./leaf_view.ts";
import { Shelf } from "./shelf.ts";

/** Lines that stand in one box. One that grows is laid out anew with all that stands in it. */
const LINES = 16;

/** How a cell of a Python notebook runs code in a language: what stands before it. Others it does not run. */
const CELL_MAGICS = new Map([
  ...["", "python", "py", "python3", "ipython", "ipython3"].map((name) => [name, ""] as const),
  ...["bash", "sh", "shell"].map((name) => [name, "%%bash\n"] as const),
]);

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
  constructor({ doc, highlighter, insertCode }: Tools, info: string) {
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
    head.append(element(doc, "span", "md-language", word.slice(0, 40)));
    const magic = CELL_MAGICS.get(this.#language);
    if (insertCode && magic !== undefined) {
      this.#addButton(head, "New cell", "Put code in a new cell", (button) => {
        insertCode(magic + this.#source.replace(/\n$/, ""), button);
        say(button, "Added", "New cell");
      });
    }
    this.#addButton(head, "Copy", "Copy code", async (button) => {
      say(button, (await copyText(doc, this.#source)) ? "Copied" : "Not copied", "Copy");
    });
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

  get #source(): string {
    return this.#code.textContent ?? "";
  }

  #addButton(head: HTMLElement, text: string, label: string, act: (button: HTMLButtonElement) => void): void {
    const button = element(this.#doc, "button", "md-button", text);
    button.type = "button";
    button.setAttribute("aria-label", label);
    button.addEventListener("click", () => act(button));
    head.append(button);
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
