import type { Block, Opening } from "./block.ts";
import { classify, type Step, type Turn } from "./classify.ts";
import { type LeafText, leafText, MathText, ParagraphText } from "./leaf_text.ts";
import { Line } from "./line.ts";
import type { BlockSink } from "./sink.ts";

/**
 * Finds the blocks of a growing text: https://spec.commonmark.org/0.31.2/#phase-1-block-structure
 *
 * Each line is read once. It is taken as soon as no further character can change what it is, mostly after one or two, and the
 * rest of it goes straight to its block. What has not been taken is told to nobody.
 */
export class BlockParser {
  readonly #sink: BlockSink;
  /** From the root to the innermost. */
  readonly #open: Block[] = [begin({ kind: "root" }, null, 0)];
  #lineNumber = 1;
  #held = "";
  #taken = false;
  /** Where the taken line goes; `null` if it says nothing. */
  #leaf: LeafText | null = null;

  constructor(sink: BlockSink) {
    this.#sink = sink;
  }

  /** The text goes on. Its lines end with `\n`. */
  append(text: string): void {
    let start = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", start)) {
      this.#part(text.slice(start, end), true);
      start = end + 1;
    }
    if (start < text.length) this.#part(text.slice(start), false);
  }

  end(): void {
    if (this.#held !== "" || this.#taken) this.#part("", true);
    while (this.#open.length > 1) this.#close();
  }

  #part(text: string, complete: boolean): void {
    if (this.#taken) {
      if (text !== "") this.#leaf?.grow(text);
    } else {
      this.#held += text;
      const line = new Line(this.#held, complete);
      const step = classify(this.#open, line);
      if (line.undecided) return;
      this.#held = "";
      this.#taken = true;
      this.#take(step);
    }
    if (complete) this.#endLine();
  }

  #take(step: Step): void {
    while (this.#open.length > step.keep) this.#close();
    if (step.turn !== undefined) this.#turn(step.turn);
    for (const opening of step.opens) this.#begin(opening);
    for (const block of this.#reached(step)) block.end = this.#lineNumber;
    this.#leaf = this.#innermost.text;
    if (step.rest !== null) this.#leaf?.line(step.rest, step.blank);
    if (step.closes) this.#close();
    if (step.rest === null && this.#innermost.opening.kind !== "rule") this.#leaf = null;
  }

  /** The blocks to which the line belongs. A blank one belongs to code, and to the quotes whose marker it has. */
  #reached(step: Step): readonly Block[] {
    if (!step.blank) return this.#open;
    const kinds = this.#open.map(({ opening }) => opening.kind);
    return this.#open.slice(
      0,
      Math.max(...(["quote", "fence", "math"] as const).map((kind) => kinds.lastIndexOf(kind))) + 1,
    );
  }

  #endLine(): void {
    const leaf = this.#leaf;
    this.#taken = false;
    this.#leaf = null;
    if (leaf?.endLine()) {
      this.#close();
      if (leaf instanceof MathText && leaf.trailing !== "") {
        this.#begin({ kind: "paragraph" });
        this.#innermost.text?.line(leaf.trailing, false);
      }
    }
    this.#lineNumber++;
  }

  get #innermost(): Block {
    return this.#open[this.#open.length - 1] as Block;
  }

  #begin(opening: Opening): void {
    const parent = this.#innermost;
    if (parent.childEnd < this.#lineNumber - 1 && parent.children > 0) {
      if (opening.kind === "item") this.#loosen(this.#open.length - 1);
      else if (parent.opening.kind === "item") this.#loosen(this.#open.length - 2);
    }
    parent.children++;
    this.#sink.open(opening);
    const isContainer =
      opening.kind === "quote" ||
      opening.kind === "list" ||
      opening.kind === "item" ||
      opening.kind === "note";
    this.#open.push(begin(opening, isContainer ? null : leafText(opening, this.#sink), this.#lineNumber));
  }

  #loosen(depth: number): void {
    const list = this.#open[depth];
    if (list === undefined || list.loose) return;
    list.loose = true;
    this.#sink.loosen(depth);
  }

  #turn(turn: Turn): void {
    const paragraph = this.#innermost.text;
    if (!(paragraph instanceof ParagraphText)) return;
    const opening: Opening = turn.kind === "heading" ? turn : { kind: "table", aligns: turn.aligns };
    if (turn.kind === "heading") {
      paragraph.settle();
      this.#sink.becomeHeading(turn.level);
    } else {
      const { before, header } = paragraph.split();
      this.#sink.becomeTable(before, header, turn.aligns);
    }
    this.#open[this.#open.length - 1] = begin(opening, leafText(opening, this.#sink), this.#lineNumber);
    if (turn.kind === "heading") this.#close();
  }

  #close(): void {
    const block = this.#open.pop() as Block;
    block.text?.close();
    this.#sink.close();
    this.#innermost.childEnd = block.end;
  }
}

function begin(opening: Block["opening"], text: LeafText | null, line: number): Block {
  return { opening, text, end: line, children: 0, childEnd: line, loose: false };
}
