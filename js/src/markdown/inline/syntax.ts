import MarkdownIt, { type Env, type StateInline, type Token } from "markdown-it";
import cjkFriendly from "markdown-it-cjk-friendly";
import { live } from "./live.ts";
import { mathSpan } from "./math_span.ts";
import { strikethrough } from "./strikethrough.ts";

/** What the parser is told of the text around the one that it parses. */
export interface Around {
  /** Definitions, by label. A label that is asked for and not there is noted. */
  readonly references: Record<string, { readonly href: string; readonly title: string }>;
  /** Whether `[^label]` refers to a note. */
  isNote(label: string): boolean;
  /** The text goes on: what it leaves open is read as what it is going to be. */
  readonly live: boolean;
}

/** Parses what stands inside a block. The blocks themselves are found line by line, in `blocks.ts`. */
export const parser = new MarkdownIt({ html: false, linkify: true });
parser.use(cjkFriendly);
parser.use(strikethrough);
parser.use(live);
parser.inline.ruler.before("escape", "math", mathRule);
parser.inline.ruler.before("link", "note", noteRule);
// What a link may lead to is decided where it is drawn; the text of a refused one is still read as a link's.
parser.validateLink = () => true;
const { normalizeLink } = parser;
parser.normalizeLink = (url) => (url.startsWith("data:") ? url : normalizeLink.call(parser, url));
parser.linkify.add("//", null);
// markdown-it looks for links in a text only if all of it seems to have one. What a text is read as must not depend on where it is
// cut, so this may not depend on what stands around a link.
parser.linkify.test = (text) => /:\/\/|www\.|mailto:|@/i.test(text);
const { match } = parser.linkify;
parser.linkify.match = (text) => match.call(parser.linkify, text) ?? [];
parser.linkify.add("www.", {
  validate: (text, pos, linkify) =>
    Math.max(0, linkify.testSchemaAt(`http://${text.slice(pos)}`, "http:", 5) - 2),
  normalize: (match) => {
    match.url = `http://${match.url}`;
  },
});

export const { unescapeAll, normalizeReference } = parser.utils;
export type { Env, StateInline, Token };

export function parseInline(text: string, around: Around): readonly Token[] {
  return parser.parseInline(text, { ...around })[0]?.children ?? [];
}

function mathRule(state: StateInline, silent: boolean): boolean {
  const code = state.src.charCodeAt(state.pos);
  if (code !== 36 && code !== 92) return false;
  const found = mathSpan(state.src, state.pos, state.posMax);
  if (found === null) return false;
  if (found !== "open") {
    if (!silent) {
      const token = state.push("math", "", 0);
      token.content = found.source;
      token.meta = { display: found.display };
    }
    state.pos = found.end;
    return true;
  }
  if (state.env["live"] !== true || silent || isMoney(state.src.slice(state.pos, state.posMax))) return false;
  const token = state.push("unfinished_math", "", 0);
  token.content = state.src.slice(state.pos, state.posMax);
  state.pos = state.posMax;
  return true;
}

/** Whether an open formula is rather a sum of money, as long as nothing in it says that it is not. */
function isMoney(text: string): boolean {
  return /^\$\d[^\\^_=]*$/.test(text);
}

function noteRule(state: StateInline, silent: boolean): boolean {
  if (state.src.charCodeAt(state.pos) !== 91 || state.src.charCodeAt(state.pos + 1) !== 94) return false;
  const match = /^\[\^([^\]\s]+)\]/.exec(state.src.slice(state.pos, state.posMax));
  const label = match?.[1];
  if (match === null || label === undefined || !(state.env as unknown as Around).isNote(label)) return false;
  if (!silent) state.push("note", "", 0).content = label;
  state.pos += match[0].length;
  return true;
}
