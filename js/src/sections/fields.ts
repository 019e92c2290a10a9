import { ArgumentScanner, type FieldSink } from "../arguments.ts";
import { element, setText } from "../element.ts";
import { inLines } from "../json_lines.ts";
import { ScrollBox } from "../scroll_box.ts";
import { escaped, VisibleText, visible } from "../visible.ts";
import type { Stage } from "./section.ts";

/** UTF-16 units above which a value gets lines of its own. */
const LONG = 80;

/**
 * The arguments of a call as a list of fields that grow. Text that is no object is shown as it is. What would show nothing or turn
 * a line around is spelled out: a user who lets a call run has seen what will run.
 */
export class ArgumentFields {
  readonly node: HTMLElement;
  readonly #stage: Stage;
  readonly #list: HTMLElement;
  readonly #raw: VisibleText;
  readonly #rawBox: HTMLElement;
  readonly #scanner: ArgumentScanner;
  /** Fields that have grown since the last `settle`. */
  readonly #grown = new Set<Field>();

  constructor(stage: Stage) {
    const { doc } = stage;
    this.#stage = stage;
    this.#list = element(doc, "dl", "fields");
    this.#raw = new VisibleText(doc, escaped);
    this.#rawBox = element(doc, "pre", "raw");
    this.#rawBox.append(this.#raw.node);
    this.#rawBox.hidden = true;
    this.node = element(doc, "div", "arguments");
    this.node.append(this.#list, this.#rawBox);
    this.#scanner = new ArgumentScanner(this.#sink());
  }

  write(text: string): void {
    this.#raw.append(text);
    if (this.#scanner.broken) return;
    this.#scanner.write(text);
    if (this.#scanner.broken) this.showRaw(true);
  }

  settle(): void {
    for (const field of this.#grown) field.box.follow();
    this.#grown.clear();
  }

  /** Shows the text as it came; what is no object is never shown in another way. */
  showRaw(raw: boolean): void {
    const asItIs = raw || this.#scanner.broken;
    this.#list.hidden = asItIs;
    this.#rawBox.hidden = !asItIs;
  }

  #sink(): FieldSink {
    let field: Field | null = null;
    return {
      open: (name, isText) => {
        field = new Field(name, isText, this.#stage);
        this.#list.append(field.name, field.value);
      },
      write: (piece) => {
        if (field === null) return;
        field.write(piece);
        this.#grown.add(field);
      },
      close: () => {
        field?.close();
        field = null;
      },
    };
  }
}

/** One field: its name, and a value that grows. */
class Field {
  readonly name: HTMLElement;
  readonly value: HTMLElement;
  readonly box: ScrollBox;
  readonly #text: VisibleText;
  readonly #isText: boolean;

  constructor(name: string, isText: boolean, { doc, signal }: Stage) {
    const label = visible(name);
    this.name = element(doc, "dt", "", label);
    this.box = new ScrollBox(element(doc, "div", isText ? "text open" : "json open"), label, signal);
    this.box.node.dir = "auto";
    this.value = element(doc, "dd", "");
    this.value.append(this.box.node);
    this.#isText = isText;
    this.#text = new VisibleText(doc, isText ? visible : escaped);
    this.box.node.append(this.#text.node);
  }

  write(piece: string): void {
    this.#text.append(piece);
    if (piece.includes("\n") || this.#text.node.length > LONG) this.box.node.classList.add("long");
  }

  /** The value is whole: a nested one that is long is now set out in lines. */
  close(): void {
    this.box.node.classList.remove("open");
    const { node } = this.#text;
    if (!this.#isText && node.length > LONG) setText(node, escaped(inLines(node.data)));
  }
}
