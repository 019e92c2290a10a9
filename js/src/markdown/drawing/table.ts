import { element } from "../../element.ts";
import type { Align } from "../blocks/block.ts";
import { type Cell, Row } from "../blocks/row.ts";
import { InlineText } from "./inline_text.ts";
import type { LeafView, Tools } from "./leaf_view.ts";

/** Rows of one body. A table with more has its columns fixed, since a row that grows would else have all of them laid out anew. */
const BODY = 32;

/** The first row of a table, which is on its own until it is known to be that. */
export class TableHead {
  readonly node: HTMLElement;
  readonly table: HTMLElement;
  readonly #tools: Tools;
  readonly #row: HTMLElement;
  readonly #cells: Row;
  #text: InlineText | null = null;

  constructor(tools: Tools) {
    this.#tools = tools;
    const { doc } = tools;
    this.node = element(doc, "div", "md-table");
    this.node.tabIndex = 0;
    this.table = doc.createElement("table");
    this.table.dir = "auto";
    this.#row = doc.createElement("tr");
    const head = doc.createElement("thead");
    head.append(this.#row);
    this.table.append(head);
    this.node.append(this.table);
    this.#cells = new Row(() => this.#addCell());
  }

  append(text: string): void {
    this.#cells.append(text);
  }

  draw(): void {
    this.#text?.draw();
  }

  close(aligns: readonly Align[]): void {
    this.#cells.end();
    for (const [index, align] of aligns.entries()) setAlign(this.#row.children[index], align);
  }

  /** The widths of the columns, in CSS pixels; zeros if the table is not laid out. */
  get widths(): number[] {
    return [...this.#row.children].map((cell) => Math.ceil(cell.getBoundingClientRect().width));
  }

  #addCell(): Cell {
    const cell = this.#tools.doc.createElement("th");
    cell.setAttribute("scope", "col");
    this.#row.append(cell);
    this.#text = new InlineText(cell, this.#tools.context);
    return this.#text;
  }
}

/** A table, which grows by rows. */
export class TableView implements LeafView {
  readonly node: HTMLElement;
  readonly #tools: Tools;
  readonly #head: TableHead;
  readonly #aligns: readonly Align[];
  #body: HTMLElement | null = null;
  #rows = 0;
  #row: Row | null = null;
  #text: InlineText | null = null;

  constructor(tools: Tools, head: TableHead, aligns: readonly Align[]) {
    this.#tools = tools;
    this.#head = head;
    this.#aligns = aligns;
    this.node = head.node;
  }

  append(text: string): void {
    this.#row ??= this.#addRow();
    this.#row.append(text);
  }

  endRow(): void {
    this.#row?.end();
    this.#row = null;
    this.#text = null;
  }

  draw(): void {
    this.#text?.draw();
  }

  close(): void {}

  #addRow(): Row {
    if (this.#rows % BODY === 0) this.#addBody();
    this.#rows++;
    const row = this.#tools.doc.createElement("tr");
    const cells = this.#aligns.map((align) => {
      const cell = this.#tools.doc.createElement("td");
      setAlign(cell, align);
      return cell;
    });
    row.append(...cells);
    this.#body?.append(row);
    return new Row((index) => {
      const cell = cells[index];
      this.#text = cell === undefined ? null : new InlineText(cell, this.#tools.context);
      return this.#text;
    });
  }

  #addBody(): void {
    if (this.#body !== null) this.#tools.past.add(this.#body);
    this.#body = this.#tools.doc.createElement("tbody");
    if (this.#rows > 0) this.#fixColumns();
    this.#head.table.append(this.#body);
  }

  /** Boxes of other kinds are not laid out as tables are, but rows are still rows to those who cannot see them. */
  #fixColumns(): void {
    const { table } = this.#head;
    if (table.classList.contains("md-long")) return;
    const widths = this.#head.widths;
    if (widths.every((width) => width === 0)) return;
    table.style.setProperty("--md-columns", widths.map((width) => `${width}px`).join(" "));
    table.classList.add("md-long");
  }
}

function setAlign(cell: Element | undefined, align: Align): void {
  if (cell !== undefined && align !== null) cell.className = `md-${align}`;
}
