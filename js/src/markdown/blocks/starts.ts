import { unescapeAll } from "../inline/syntax.ts";
import type { Align, FenceOpening, ListOpening, MathOpening } from "./block.ts";
import { END, isSpace, type Line } from "./line.ts";

/*
 * Each function reads the line at `line.next`, which is indented by less than four columns, and says whether a certain block
 * begins there. One that finds its block leaves the line where the block's content begins; one that does not leaves it as it was.
 */

const BACKTICK = 96;
const TILDE = 126;
const HASH = 35;
const STAR = 42;
const PLUS = 43;
const MINUS = 45;
const UNDERSCORE = 95;
const EQUALS = 61;
const DOLLAR = 36;
const BACKSLASH = 92;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const CARET = 94;
const COLON = 58;
const PIPE = 124;
const DOT = 46;
const PAREN = 41;

/** The marker of a quote, and one space after it. */
export function quoteMarker(line: Line): boolean {
  if (line.at(line.next) !== 62) return false;
  line.skipIndent();
  line.skipTo(line.next + 1);
  if (isSpace(line.at(line.pos))) line.skipColumns(1);
  return true;
}

/** The level of an ATX heading, or 0. */
export function heading(line: Line): number {
  if (line.at(line.next) !== HASH) return 0;
  const end = line.runEnd(line.next, HASH);
  const level = end - line.next;
  const after = line.at(end);
  if (level > 6 || !(after === END || isSpace(after))) return 0;
  line.skipIndent();
  line.skipTo(end);
  line.look();
  line.skipIndent();
  return level;
}

export function fence(line: Line): FenceOpening | null {
  const code = line.at(line.next);
  if (code !== BACKTICK && code !== TILDE) return null;
  const end = line.runEnd(line.next, code);
  if (end - line.next < 3) return null;
  for (let index = end, at = line.at(index); at !== END; at = line.at(++index)) {
    if (code === BACKTICK && at === BACKTICK) return null;
  }
  const info = unescapeAll(line.text.slice(end).trim());
  return {
    kind: "fence",
    marker: code === TILDE ? "~" : "`",
    length: end - line.next,
    indent: line.indent,
    info,
  };
}

/** Whether the line closes `opening`. */
export function fenceEnd(line: Line, opening: FenceOpening): boolean {
  if (line.indent > 3) return false;
  const code = opening.marker === "~" ? TILDE : BACKTICK;
  if (line.at(line.next) !== code) return false;
  const end = line.runEnd(line.next, code);
  return end - line.next >= opening.length && line.blankFrom(end);
}

/** The level of the heading that the line makes of the paragraph before it, or 0. */
export function underline(line: Line): number {
  const code = line.at(line.next);
  if (code !== EQUALS && code !== MINUS) return 0;
  if (!line.blankFrom(line.runEnd(line.next, code))) return 0;
  return code === EQUALS ? 1 : 2;
}

export function rule(line: Line): boolean {
  const code = line.at(line.next);
  if (code !== STAR && code !== MINUS && code !== UNDERSCORE) return false;
  let count = 0;
  for (let index = line.next, at: number = code; at !== END; at = line.at(++index)) {
    if (at === code) count++;
    else if (!isSpace(at)) return false;
  }
  return count >= 3;
}

export interface ItemStart {
  readonly list: ListOpening;
  readonly width: number;
}

/** An item's marker; `interrupts` says that a paragraph goes before it, which an empty item or a number but 1 does not end. */
export function itemMarker(line: Line, interrupts: boolean): ItemStart | null {
  const start = line.next;
  const code = line.at(start);
  let end = start + 1;
  let number: number | null = null;
  if (code >= 48 && code <= 57) {
    while (end - start < 10 && line.at(end) >= 48 && line.at(end) <= 57) end++;
    const after = line.at(end);
    if (end - start > 9 || (after !== DOT && after !== PAREN)) return null;
    number = Number(line.text.slice(start, end));
    end++;
  } else if (code !== STAR && code !== PLUS && code !== MINUS) return null;
  const after = line.at(end);
  if (after !== END && !isSpace(after)) return null;
  if (interrupts && ((number ?? 1) !== 1 || line.blankFrom(end))) return null;

  const indent = line.indent;
  line.skipIndent();
  line.skipTo(end);
  const marked = line.mark();
  line.look();
  let padding = line.indent;
  if (line.blank || padding > 4) {
    padding = 1;
    line.reset(marked);
    if (isSpace(line.at(end))) line.skipColumns(1);
  } else line.skipIndent();
  return {
    list: { kind: "list", marker: line.text.charAt(end - 1), start: number },
    width: indent + (end - start) + padding,
  };
}

/** `[^label]:` */
export function noteLabel(line: Line): string | null {
  const start = line.next;
  if (line.at(start) !== OPEN_BRACKET || line.at(start + 1) !== CARET) return null;
  let end = start + 2;
  for (let at = line.at(end); at !== CLOSE_BRACKET; at = line.at(++end))
    if (at === END || isSpace(at)) return null;
  if (end === start + 2 || line.at(end + 1) !== COLON) return null;
  line.skipIndent();
  line.skipTo(end + 2);
  line.look();
  line.skipIndent();
  return line.text.slice(start + 2, end);
}

/**
 * A formula in lines of its own: `$$`, or `\[` where it is not an escaped bracket. That it is if something other than space or
 * a command follows and the line does not end with `\]`.
 */
export function math(line: Line): MathOpening | null {
  const start = line.next;
  const code = line.at(start);
  if (code === DOLLAR) {
    if (line.at(start + 1) !== DOLLAR || line.at(start + 2) === DOLLAR) return null;
    line.skipIndent();
    line.skipTo(start + 2);
    return { kind: "math", open: "$$", close: "$$" };
  }
  if (code !== BACKSLASH || line.at(start + 1) !== OPEN_BRACKET) return null;
  const after = line.at(start + 2);
  if (after !== END && !isSpace(after) && !isCommand(line, start + 2)) {
    let end = start + 2;
    while (line.at(end) !== END) end++;
    if (!line.text.trimEnd().endsWith("\\]")) return null;
  }
  line.skipIndent();
  line.skipTo(start + 2);
  return { kind: "math", open: "\\[", close: "\\]" };
}

function isCommand(line: Line, index: number): boolean {
  if (line.at(index) !== BACKSLASH) return false;
  const code = line.at(index + 1) | 32;
  return code >= 97 && code <= 122;
}

/** The alignments of a table's columns if the line is its delimiter row. */
export function delimiterRow(line: Line): Align[] | null {
  for (let index = line.next, at = line.at(index); at !== END; at = line.at(++index)) {
    if (at !== PIPE && at !== MINUS && at !== COLON && !isSpace(at)) return null;
  }
  const cells = line.text.slice(line.next).trim().replace(/^\|/, "").replace(/\|$/, "").split("|");
  const aligns: Align[] = [];
  for (const cell of cells) {
    const dashes = cell.trim();
    if (!/^:?-+:?$/.test(dashes)) return null;
    const left = dashes.startsWith(":");
    const right = dashes.endsWith(":");
    aligns.push(left && right ? "center" : left ? "left" : right ? "right" : null);
  }
  return aligns;
}
