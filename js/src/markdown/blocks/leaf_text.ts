import type { Leaf, MathOpening } from "./block.ts";
import { takeDefinitions } from "./definitions.ts";
import { countCells } from "./row.ts";
import type { BlockSink } from "./sink.ts";

/** Hands the lines of one leaf on, in the form that the leaf's kind gives them. */
export interface LeafText {
  /** A line begins, with as much of it as there is. `blank` says that there is nothing on it but space. */
  line(text: string, blank: boolean): void;
  /** The line goes on. */
  grow(text: string): void;
  /** The line is complete; says whether the leaf is too. */
  endLine(): boolean;
  /** No line follows. */
  close(): void;
}

export function leafText(opening: Leaf, sink: BlockSink): LeafText {
  switch (opening.kind) {
    case "paragraph":
      return new ParagraphText(sink);
    case "heading":
      return new HeadingText(sink);
    case "code":
      return new IndentedText(sink);
    case "fence":
      return new FencedText(sink);
    case "math":
      return new MathText(sink, opening);
    case "table":
      return new RowText(sink);
    case "rule":
      return new NoText();
    default:
      return opening satisfies never;
  }
}

export class ParagraphText implements LeafText {
  readonly #sink: BlockSink;
  /** All of it: it may turn out to be definitions, a table, or to have an open formula. */
  #pieces: string[] = [];

  constructor(sink: BlockSink) {
    this.#sink = sink;
  }

  get text(): string {
    return this.#pieces.join("");
  }

  get startsWithBracket(): boolean {
    return this.#pieces[0]?.startsWith("[") ?? false;
  }

  /** What is left of it without definitions. */
  get content(): string {
    return this.startsWithBracket ? takeDefinitions(this.text).rest : this.text;
  }

  /** Whether `$$` has been left open: the next one is no formula of its own. */
  get hasOpenMath(): boolean {
    return this.text.split("$$").length % 2 === 0;
  }

  /** Whether its last line can be the header of a table with so many columns. */
  isHeader(columns: number): boolean {
    const { header } = this.split();
    return header.includes("|") && countCells(header.trimEnd()) === columns;
  }

  /** Its last line, and those before. */
  split(): { before: string; header: string } {
    const text = this.text;
    const end = text.lastIndexOf("\n");
    return { before: text.slice(0, Math.max(0, end)), header: text.slice(end + 1) };
  }

  line(text: string): void {
    // Only a title could go on with what has come if that is definitions; without it they are settled.
    if (this.startsWithBracket && !/^["'(]/.test(text) && this.content === "") this.settle();
    this.grow(this.#pieces.length === 0 ? text : `\n${text}`);
  }

  grow(text: string): void {
    this.#pieces.push(text);
    this.#sink.text(text);
  }

  endLine(): boolean {
    return false;
  }

  /** Tells definitions and forgets them. */
  settle(): void {
    if (!this.startsWithBracket) return;
    const { found, rest } = takeDefinitions(this.text);
    if (found.length === 0) return;
    this.#pieces = rest === "" ? [] : [rest];
    this.#sink.define(found, rest);
  }

  close(): void {
    this.settle();
  }
}

/** Leaves out the `#`s that close a heading: those with a space before them, at the end. */
class HeadingText implements LeafText {
  readonly #sink: BlockSink;
  #empty = true;
  #held = "";

  constructor(sink: BlockSink) {
    this.#sink = sink;
  }

  line(text: string): void {
    this.grow(text);
  }

  grow(text: string): void {
    const all = this.#held + text;
    const end = all.search(/[ \t]*#*[ \t]*$/);
    this.#tell(all.slice(0, end));
    this.#held = all.slice(end);
  }

  #tell(text: string): void {
    if (text === "") return;
    this.#empty = false;
    this.#sink.text(text);
  }

  endLine(): boolean {
    if (!this.#empty && this.#held.startsWith("#")) this.#tell(this.#held.trimEnd());
    return true;
  }

  close(): void {}
}

/** Keeps blank lines back until a line of code follows them. */
class IndentedText implements LeafText {
  readonly #sink: BlockSink;
  #blankLines = "";
  #blank = false;

  constructor(sink: BlockSink) {
    this.#sink = sink;
  }

  line(text: string, blank: boolean): void {
    this.#blank = blank;
    if (blank) this.#blankLines += `${text}\n`;
    else {
      this.#sink.text(this.#blankLines + text);
      this.#blankLines = "";
    }
  }

  grow(text: string): void {
    this.#sink.text(text);
  }

  endLine(): boolean {
    if (!this.#blank) this.#sink.text("\n");
    return false;
  }

  close(): void {}
}

class FencedText implements LeafText {
  readonly #sink: BlockSink;

  constructor(sink: BlockSink) {
    this.#sink = sink;
  }

  line(text: string): void {
    if (text !== "") this.#sink.text(text);
  }

  grow(text: string): void {
    this.#sink.text(text);
  }

  endLine(): boolean {
    this.#sink.text("\n");
    return false;
  }

  close(): void {}
}

/** Ends with the line that holds the closing delimiter; what follows that on its line is a paragraph. */
export class MathText implements LeafText {
  readonly #sink: BlockSink;
  readonly #close: string;
  readonly #open: string;
  readonly #lines: string[] = [];
  #line: string[] = [];
  #ended = false;
  /** What follows the formula on its last line. */
  trailing = "";

  constructor(sink: BlockSink, opening: MathOpening) {
    this.#sink = sink;
    this.#open = opening.open;
    this.#close = opening.close;
  }

  /** A blank line ends it: a formula that begins on the line of its `$$` may be no formula at all. */
  get endsAtBlank(): boolean {
    return this.#lines.length > 0 && this.#lines[0]?.trim() !== "";
  }

  line(text: string): void {
    this.#sink.text(this.#lines.length === 0 ? text : `\n${text}`);
    this.#line = [text];
  }

  grow(text: string): void {
    this.#line.push(text);
    this.#sink.text(text);
  }

  endLine(): boolean {
    const line = this.#line.join("");
    const end = line.indexOf(this.#close);
    this.#lines.push(end < 0 ? line : line.slice(0, end));
    if (end < 0) return false;
    this.trailing = line.slice(end + this.#close.length).trim();
    this.#ended = true;
    return true;
  }

  close(): void {
    const source = this.#lines.join("\n");
    if (this.#ended || !this.endsAtBlank) this.#sink.formula(source.trim(), this.#ended);
    else this.#sink.becomeParagraph(this.#open + source);
  }
}

class RowText implements LeafText {
  readonly #sink: BlockSink;

  constructor(sink: BlockSink) {
    this.#sink = sink;
  }

  line(text: string): void {
    this.#sink.text(text);
  }

  grow(text: string): void {
    this.#sink.text(text);
  }

  endLine(): boolean {
    this.#sink.endRow();
    return false;
  }

  close(): void {}
}

class NoText implements LeafText {
  line(): void {}

  grow(): void {}

  endLine(): boolean {
    return true;
  }

  close(): void {}
}
