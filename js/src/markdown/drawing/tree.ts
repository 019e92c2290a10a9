import { element } from "../../element.ts";
import type { Align, Container, Opening } from "../blocks/block.ts";
import type { Definition } from "../blocks/definitions.ts";
import type { BlockSink } from "../blocks/sink.ts";
import { CodeBlock } from "./code_block.ts";
import type { LeafView, Tools } from "./leaf_view.ts";
import { MathBlockView } from "./math_block.ts";
import type { Notes } from "./notes.ts";
import { HeadingView, ParagraphView } from "./paragraph.ts";
import { type Group, Shelf } from "./shelf.ts";
import { TableView } from "./table.ts";

/** Draws the blocks of a text in `body`. */
export class Tree implements BlockSink {
  readonly #tools: Tools;
  readonly #notes: Notes;
  readonly #define: (definition: Definition) => void;
  readonly #open: Box[];
  #leaf: LeafView | null = null;
  #dirty = false;

  constructor(body: HTMLElement, tools: Tools, notes: Notes, define: (definition: Definition) => void) {
    this.#tools = tools;
    this.#notes = notes;
    this.#define = define;
    this.#open = [
      new Box(
        body,
        () => div(tools.doc),
        (group) => tools.past.add(group),
      ),
    ];
  }

  /** Shows what has been told and not been shown. */
  draw(): void {
    if (this.#dirty) this.#leaf?.draw();
    this.#dirty = false;
  }

  open(opening: Opening): void {
    switch (opening.kind) {
      case "quote":
      case "list":
      case "item":
      case "note":
        this.#open.push(this.#container(opening));
        break;
      default:
        this.#leaf = this.#createLeaf(opening);
        this.#inner.place(this.#leaf.node);
    }
  }

  text(text: string): void {
    this.#leaf?.append(text);
    this.#dirty = true;
  }

  endRow(): void {
    if (this.#leaf instanceof TableView) this.#leaf.endRow();
  }

  becomeHeading(level: number): void {
    if (this.#leaf instanceof ParagraphView) this.#leaf = this.#leaf.intoHeading(level);
  }

  becomeTable(linesBefore: string, header: string, aligns: readonly Align[]): void {
    const paragraph = this.#leaf;
    if (!(paragraph instanceof ParagraphView)) return;
    if (linesBefore === "") {
      this.#leaf = new TableView(this.#tools, paragraph.intoHead(header, aligns), aligns);
      return;
    }
    paragraph.reset(linesBefore);
    paragraph.close();
    const next = new ParagraphView(this.#tools, null);
    this.#inner.place(next.node);
    this.#leaf = new TableView(this.#tools, next.intoHead(header, aligns), aligns);
  }

  becomeParagraph(text: string): void {
    const paragraph = new ParagraphView(this.#tools, null);
    this.#leaf?.node.replaceWith(paragraph.node);
    paragraph.append(text);
    this.#leaf = paragraph;
  }

  define(definitions: readonly Definition[], rest: string): void {
    for (const definition of definitions) this.#define(definition);
    if (this.#leaf instanceof ParagraphView) this.#leaf.reset(rest);
  }

  formula(source: string, ended: boolean): void {
    if (this.#leaf instanceof MathBlockView) this.#leaf.settle(source, ended);
  }

  loosen(depth: number): void {
    this.#open[depth]?.node.classList.add("md-loose");
  }

  close(): void {
    const leaf = this.#leaf;
    this.#leaf = null;
    if (leaf === null) {
      this.#open.pop()?.close();
      return;
    }
    leaf.close();
    // A paragraph of definitions only.
    if (leaf instanceof ParagraphView && leaf.node.firstChild === null) this.#inner.vacate(leaf.node);
  }

  /** Nothing is told any more. */
  end(): void {
    for (const box of this.#open) box.close();
  }

  get #inner(): Box {
    return this.#open[this.#open.length - 1] as Box;
  }

  #createLeaf(opening: Exclude<Opening, Container>): LeafView {
    const tools = this.#tools;
    switch (opening.kind) {
      case "paragraph":
        return new ParagraphView(tools, this.#inner.item);
      case "heading":
        return new HeadingView(tools, opening.level);
      case "rule":
        return { node: tools.doc.createElement("hr"), append() {}, draw() {}, close() {} };
      case "code":
      case "fence":
        return new CodeBlock(tools, opening.kind === "fence" ? opening.info : "");
      case "math":
        return new MathBlockView(tools);
      case "table":
        throw new Error("A table begins as a paragraph.");
      default:
        return opening satisfies never;
    }
  }

  #container(opening: Container): Box {
    const { doc } = this.#tools;
    switch (opening.kind) {
      case "note": {
        const item = this.#notes.define(opening.label);
        this.#open[0]?.node.after(this.#notes.node);
        return new Box(item, () => div(doc));
      }
      case "quote": {
        const quote = doc.createElement("blockquote");
        quote.dir = "auto";
        this.#inner.place(quote);
        return new Box(quote, () => div(doc));
      }
      case "list": {
        const list = doc.createElement(opening.start === null ? "ul" : "ol");
        list.dir = "auto";
        if (opening.start !== null && opening.start !== 1) list.setAttribute("start", String(opening.start));
        this.#inner.place(list);
        const box: Box = new Box(list, () => sublist(list, (opening.start ?? 1) + box.count));
        return box;
      }
      case "item": {
        const item = doc.createElement("li");
        if (this.#inner.place(item)) item.setAttribute("role", "listitem");
        return new Box(item, () => div(doc), undefined, true);
      }
      default:
        return opening satisfies never;
    }
  }
}

/** An element that holds blocks. */
class Box {
  readonly node: HTMLElement;
  readonly #shelf: Shelf;
  readonly #isItem: boolean;
  /** Where a box has been that is not shown; the next one takes its place. */
  #vacant: HTMLElement | null = null;

  constructor(
    node: HTMLElement,
    makeGroup: () => Group,
    full?: (group: HTMLElement) => void,
    isItem = false,
  ) {
    this.node = node;
    this.#shelf = new Shelf(node, makeGroup, full);
    this.#isItem = isItem;
  }

  /** The item that this is, if there is nothing in it. */
  get item(): HTMLElement | null {
    return this.#isItem && this.node.firstChild === null ? this.node : null;
  }

  /** How many boxes there are in it. */
  get count(): number {
    return this.#shelf.count;
  }

  /** Says whether `box` is in a group. */
  place(box: HTMLElement): boolean {
    if (this.#vacant === null) this.#shelf.place(box);
    else this.#vacant.replaceWith(box);
    this.#vacant = null;
    return box.parentElement !== this.node;
  }

  vacate(box: HTMLElement): void {
    this.#vacant = box;
  }

  close(): void {
    this.#vacant?.remove();
  }
}

function div(doc: Document): Group {
  const group = element(doc, "div", "md-group");
  return { outer: group, inner: group };
}

/** A list inside an item, neither of which is one to a reader: its items, from `number` on, are those of `list`. */
function sublist(list: HTMLElement, number: number): Group {
  const doc = list.ownerDocument;
  const outer = element(doc, "li", "md-group");
  outer.setAttribute("role", "none");
  const inner = doc.createElement(list.localName === "ol" ? "ol" : "ul");
  inner.setAttribute("role", "none");
  if (inner.localName === "ol") inner.setAttribute("start", String(number));
  outer.append(inner);
  return { outer, inner };
}
