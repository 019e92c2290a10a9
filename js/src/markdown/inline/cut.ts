import type { StateInline } from "markdown-it";
import { mathSpan } from "./math_span.ts";
import { parser } from "./syntax.ts";

/**
 * Where a growing text may be cut: before `at` nothing is open, so that the text is read as its two halves are, whatever follows.
 * `blockedBy` is the index of what is open after that; the text's length if nothing is.
 */
export interface Cut {
  readonly at: number;
  readonly blockedBy: number;
}

/** An opening delimiter; `length` is what has not been matched of its run. */
interface Opener {
  readonly index: number;
  readonly marker: string;
  length: number;
  /** It might close, too. */
  readonly closes: boolean;
}

/** What is, or may be, open at the end of the text. */
const OPEN = -1;

/**
 * The last place at which `text` may be cut, 0 if there is none. Only places after white space, and between Chinese, Japanese and
 * Korean characters, are looked at.
 *
 * It is careful rather than clever: it follows constructs that are nested properly, and gives up at anything else. What stands at
 * an index in `plain` is taken for plain text.
 */
export function findCut(text: string, plain: ReadonlySet<number> = NONE): Cut {
  const open: Opener[] = [];
  const state = new parser.inline.State(text, parser, {}, []);
  const special = /[\\`$<:[\]*_~]/g;
  let at = 0;
  let index = 0;
  while (index < text.length) {
    special.lastIndex = index;
    const next = special.exec(text)?.index ?? text.length;
    if (open.length === 0) at = lastCut(text, index, next) ?? at;
    if (next === text.length) break;
    const end = plain.has(next) ? next + 1 : constructEnd(text, next, open, state);
    if (end === OPEN) return { at, blockedBy: open[0]?.index ?? next };
    index = end;
  }
  return { at, blockedBy: open[0]?.index ?? text.length };
}

const NONE: ReadonlySet<number> = new Set();

/** The last place to cut that is not before `from` and not after `to`, in a text that has no markup between them. */
function lastCut(text: string, from: number, to: number): number | null {
  for (let index = to; index >= from; index--) {
    const before = text.charCodeAt(index - 1);
    if (isWhite(before)) {
      if (index < text.length && !isWhite(text.charCodeAt(index)) && before !== 9) return index;
    } else if (CJK.test(text.charAt(index - 1)) && CJK_LETTER.test(text.charAt(index))) {
      // A URL or an address may hold such characters.
      const word = text.slice(
        Math.max(text.lastIndexOf(" ", index), text.lastIndexOf("\n", index)) + 1,
        index,
      );
      if (!/:\/\/|www\.|@/i.test(word)) return index;
      index -= word.length - 1;
    }
  }
  return null;
}

const CJK_LETTER = /[\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3]/;
const CJK = /[\u3001-\u30ff\u3400-\u9fff\uac00-\ud7a3\uff01-\uff60]/;

function isWhite(code: number): boolean {
  return code === 32 || code === 10 || code === 9;
}

/** Where the construct at `index` ends, and what it opens or closes; `OPEN` if that cannot be told yet. */
function constructEnd(text: string, index: number, open: Opener[], state: StateInline): number {
  switch (text[index]) {
    case "`":
      return codeEnd(text, index);
    case "\\":
    case "$":
      return mathEnd(text, index);
    case "<":
      return autolinkEnd(text, index);
    case ":":
      return urlEnd(text, index);
    case "[":
      open.push({ index, marker: "[", length: 1, closes: false });
      return index + 1;
    case "]":
      if (open.length === 0) return index + 1;
      if (open.pop()?.marker !== "[") return OPEN;
      return text[index + 1] === "(" ? linkEnd(text, index + 1) : index + 1;
    default:
      return delimitersEnd(text, index, open, state);
  }
}

function codeEnd(text: string, start: number): number {
  const opening = /`+/y;
  opening.lastIndex = start;
  const marker = opening.exec(text)?.[0] ?? "`";
  const runs = /`+/g;
  runs.lastIndex = start + marker.length;
  for (let run = runs.exec(text); run !== null; run = runs.exec(text)) {
    if (run[0] === marker && runs.lastIndex < text.length) return runs.lastIndex;
  }
  return OPEN;
}

function mathEnd(text: string, start: number): number {
  const found = mathSpan(text, start, text.length);
  // What follows a closing `$` may yet unmake it.
  if (found === "open" || found?.end === text.length) return OPEN;
  if (found !== null) return found.end;
  if (text[start] === "$") return start + 1;
  return start + 1 < text.length ? start + 2 : OPEN;
}

const AUTOLINK =
  /^<(?:[a-zA-Z][a-zA-Z0-9+.-]{1,31}:[^\s<>]*|[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9.-]+)>$/;

function autolinkEnd(text: string, start: number): number {
  const end = /[\s<>]|$/.exec(text.slice(start + 1)) as RegExpExecArray;
  const stop = start + 1 + end.index;
  if (stop === text.length) return OPEN;
  return AUTOLINK.test(text.slice(start, stop + 1)) ? stop + 1 : start + 1;
}

/** A URL may hold what is markup elsewhere. One that holds any is left to the parser. */
function urlEnd(text: string, colon: number): number {
  if (!"//".startsWith(text.slice(colon + 1, colon + 3))) return colon + 1;
  const [url = ""] = /^:[^\s<>[\]`\\$*~]*/.exec(text.slice(colon)) ?? [];
  if (/_(?![A-Za-z0-9])|(?<![A-Za-z0-9])_/.test(url)) return OPEN;
  return /^(?:\**\s|[\]<>])/.test(text.slice(colon + url.length)) ? colon + url.length : OPEN;
}

/** What follows `](`. */
function linkEnd(text: string, paren: number): number {
  const { parseLinkDestination, parseLinkTitle } = parser.helpers;
  let at = skipWhite(text, paren + 1);
  const destination = parseLinkDestination(text, at, text.length);
  if (destination.ok) at = skipWhite(text, destination.pos);
  else if (text[at] !== ")") return text[at] === "<" || !/\s/.test(text.slice(at)) ? OPEN : paren;
  if (at < text.length && text[at] !== ")") {
    const title = parseLinkTitle(text, at, text.length);
    if (!title.ok) return title.can_continue ? OPEN : paren;
    at = skipWhite(text, title.pos);
  }
  if (at >= text.length) return OPEN;
  return text[at] === ")" ? at + 1 : paren;
}

function skipWhite(text: string, from: number): number {
  let index = from;
  while (isWhite(text.charCodeAt(index))) index++;
  return index;
}

/** Matches a run of `*`, `_` or `~` with those that are open: https://spec.commonmark.org/0.31.2/#phase-2-inline-structure */
function delimitersEnd(text: string, index: number, open: Opener[], state: StateInline): number {
  const character = text.charAt(index);
  let end = index;
  while (text[end] === character) end++;
  if (end === text.length) return OPEN;
  const run = text.slice(index, end);
  if (run.startsWith("~~~")) return end;
  // One tilde and two have nothing to do with each other.
  const [marker, length] = character === "~" ? [run, 1] : [character, run.length];
  const { can_open: opens, can_close: closes } = state.scanDelims(index, character === "*" || run === "~~");
  let left = length;
  while (closes && left > 0) {
    const top = open[open.length - 1];
    if (top?.marker !== marker) {
      if (open.some((opener) => opener.marker === marker)) return OPEN;
      break;
    }
    // Where one of two runs both opens and closes, whether they match depends on their lengths, and is certain if they are equal.
    if ((top.closes || opens) && top.length !== left) return OPEN;
    const matched = Math.min(top.length, left);
    left -= matched;
    top.length -= matched;
    if (top.length === 0) open.pop();
  }
  if (opens && left > 0) open.push({ index, marker, length: left, closes });
  return end;
}
