import type { Align, Block, ListOpening, Opening } from "./block.ts";
import { MathText, ParagraphText } from "./leaf_text.ts";
import { isSpace, type Line } from "./line.ts";
import * as starts from "./starts.ts";

/** What a line does to the open blocks. */
export interface Step {
  /** How many of them stay open, the root included. */
  readonly keep: number;
  /** What the innermost of those, a paragraph, turns out to be. */
  readonly turn?: Turn;
  /** What begins, from the outermost to the innermost. */
  readonly opens: readonly Opening[];
  /** The line's text for what is then the innermost block; `null` if the line says nothing. */
  readonly rest: string | null;
  readonly blank: boolean;
  /** The line closes the innermost block that stays open. */
  readonly closes?: boolean;
}

export type Turn =
  | { readonly kind: "heading"; readonly level: number }
  | { readonly kind: "table"; readonly aligns: readonly Align[] };

/**
 * Reads where `line` belongs, and changes nothing. `open` are the open blocks from the root on, never empty.
 *
 * Valid if `line` is not `undecided` afterwards.
 */
export function classify(open: readonly Block[], line: Line): Step {
  let keep = 1;
  for (let here = open[keep]; here !== undefined; here = open[++keep]) {
    line.look();
    const goesOn = continues(here, line);
    if (goesOn === "closed") return { keep: keep + 1, opens: [], rest: null, blank: false, closes: true };
    if (!goesOn) break;
  }
  const inner = kindAt(open, keep - 1);
  if (inner === "fence" || inner === "math" || inner === "code") {
    line.look();
    return { keep, opens: [], rest: line.rest(), blank: line.blank };
  }
  return begin(open, keep, line);
}

function kindAt(open: readonly Block[], index: number): Block["opening"]["kind"] {
  return open[index]?.opening.kind ?? "root";
}

/** Whether the block goes on with this line; leaves the line after what the block takes of it. */
function continues(block: Block, line: Line): boolean | "closed" {
  const { opening } = block;
  switch (opening.kind) {
    case "root":
    case "list":
      return true;
    case "quote":
      return line.indent < 4 && starts.quoteMarker(line);
    case "item":
      if (line.blank) return goesOnBlank(block, line);
      if (line.indent < opening.width) return false;
      line.skipColumns(opening.width);
      return true;
    case "note":
      if (line.blank) return goesOnBlank(block, line);
      return skipFour(line);
    case "code":
      if (!line.blank) return skipFour(line);
      line.skipColumns(Math.min(4, line.indent));
      return true;
    case "fence":
      if (starts.fenceEnd(line, opening)) return "closed";
      for (let left = opening.indent; left > 0 && isSpace(line.at(line.pos)); left--) line.skipColumns(1);
      return true;
    case "math":
      return !(line.blank && block.text instanceof MathText && block.text.endsAtBlank);
    case "paragraph":
    case "table":
      return !line.blank;
    case "heading":
    case "rule":
      return false;
    default:
      return opening satisfies never;
  }
}

/** An item may begin with one blank line, not with two. */
function goesOnBlank(block: Block, line: Line): boolean {
  if (block.children === 0) return false;
  line.skipIndent();
  return true;
}

function skipFour(line: Line): boolean {
  if (line.indent < 4) return false;
  line.skipColumns(4);
  return true;
}

/** Blocks nested deeper than this are text: a page has to lay them out. */
const MAX_DEPTH = 100;

/** What begins on a line of which the first `matched` open blocks have taken their part. */
function begin(open: readonly Block[], matched: number, line: Line): Step {
  const tip = open[open.length - 1];
  const opens: Opening[] = [];
  let keep = matched;
  for (;;) {
    line.look();
    const paragraph = opens.length === 0 && keep === open.length ? tip?.text : null;
    if (line.indent >= 4) {
      if (line.blank || (opens.length === 0 && tip?.opening.kind === "paragraph")) break;
      line.skipColumns(4);
      add({ kind: "code" });
      return { keep, opens, rest: line.rest(), blank: false };
    }
    if (keep + opens.length > MAX_DEPTH) break;
    const found = start(line, paragraph instanceof ParagraphText ? paragraph : null);
    if (found === null) break;
    if (!Array.isArray(found)) return { keep, turn: found, opens, rest: null, blank: false };
    for (const opening of found) add(opening);
    const kind = found[found.length - 1]?.kind;
    if (kind === "fence" || kind === "rule") return { keep, opens, rest: null, blank: false };
    if (kind === "heading" || kind === "math") return { keep, opens, rest: line.rest(), blank: false };
  }
  if (line.blank) return { keep, opens, rest: null, blank: opens.length === 0 };
  line.skipIndent();
  const rest = line.rest();
  if (opens.length === 0) {
    // A paragraph goes on lazily where the blocks around it have not: https://spec.commonmark.org/0.31.2/#paragraph-continuation-text
    if (tip?.opening.kind === "paragraph") return { keep: open.length, opens, rest, blank: false };
    if (kindAt(open, keep - 1) === "table") return { keep, opens, rest, blank: false };
  }
  add({ kind: "paragraph" });
  return { keep, opens, rest, blank: false };

  /** Adds what begins, after ending what cannot hold it. */
  function add(opening: Opening): void {
    if (opens.length === 0) {
      const kind = kindAt(open, keep - 1);
      if (kind === "paragraph" || kind === "table") keep--;
      const list = open[keep - 1]?.opening;
      if (list?.kind === "list" && opening.kind === "list" && sameList(list, opening)) return;
      if (list?.kind === "list" && opening.kind !== "item") keep--;
    }
    opens.push(opening);
  }
}

function sameList(one: ListOpening, other: ListOpening): boolean {
  return one.marker === other.marker && (one.start === null) === (other.start === null);
}

/** What begins at `line.next`; `paragraph` is the one that would else go on. `null` if nothing does. */
function start(line: Line, paragraph: ParagraphText | null): Opening[] | Turn | null {
  if (starts.quoteMarker(line)) return [{ kind: "quote" }];
  const level = starts.heading(line);
  if (level > 0) return [{ kind: "heading", level }];
  const fence = starts.fence(line);
  if (fence !== null) return [fence];
  const underlined = paragraph === null ? 0 : starts.underline(line);
  if (underlined > 0 && paragraph?.content !== "") return { kind: "heading", level: underlined };
  if (starts.rule(line)) return [{ kind: "rule" }];
  const item = starts.itemMarker(line, paragraph !== null);
  if (item !== null) return [item.list, { kind: "item", width: item.width }];
  const math = paragraph?.hasOpenMath && line.at(line.next) === 36 ? null : starts.math(line);
  if (math !== null) return [math];
  const label = starts.noteLabel(line);
  if (label !== null) return [{ kind: "note", label }];
  const aligns = paragraph === null ? null : starts.delimiterRow(line);
  if (aligns !== null && paragraph?.isHeader(aligns.length)) return { kind: "table", aligns };
  return null;
}
