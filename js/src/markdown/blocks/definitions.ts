import { normalizeReference, parser } from "../inline/syntax.ts";

/** `[label]: destination "title"`, which is drawn nowhere. */
export interface Definition {
  /** As references spell it, in the form in which labels are compared. */
  readonly label: string;
  readonly href: string;
  readonly title: string;
}

export interface Definitions {
  readonly found: readonly Definition[];
  /** What follows them. */
  readonly rest: string;
}

/** The definitions at the beginning of a paragraph: https://spec.commonmark.org/0.31.2/#link-reference-definitions */
export function takeDefinitions(text: string): Definitions {
  const found: Definition[] = [];
  let rest = text;
  while (rest.startsWith("[")) {
    const next = takeOne(rest);
    if (next === null) break;
    found.push(next.definition);
    rest = rest.slice(next.end);
  }
  return { found, rest };
}

const LABEL = /^\[((?:\\[\s\S]|[^\\[\]]){1,999})\]:/;
const SPACE_OR_LINE = /[ \t]*(?:\n[ \t]*)?/y;
const LINE_END = /[ \t]*(?:\n|$)/y;

function takeOne(text: string): { definition: Definition; end: number } | null {
  const match = LABEL.exec(text);
  const label = normalizeReference(match?.[1] ?? "");
  if (match === null || label === "") return null;
  const { parseLinkDestination, parseLinkTitle } = parser.helpers;
  const destination = parseLinkDestination(text, after(SPACE_OR_LINE, text, match[0].length), text.length);
  if (!destination.ok) return null;
  const titleStart = after(SPACE_OR_LINE, text, destination.pos);
  const title = parseLinkTitle(text, titleStart, text.length);
  const definition = { label, href: parser.normalizeLink(destination.str) };
  if (title.ok && titleStart > destination.pos) {
    const end = after(LINE_END, text, title.pos);
    if (end >= 0) return { definition: { ...definition, title: title.str }, end };
  }
  const end = after(LINE_END, text, destination.pos);
  return end < 0 ? null : { definition: { ...definition, title: "" }, end };
}

/** Where `pattern`, which is sticky, ends if it matches at `index`; else -1. */
function after(pattern: RegExp, text: string, index: number): number {
  pattern.lastIndex = index;
  return pattern.test(text) ? pattern.lastIndex : -1;
}
