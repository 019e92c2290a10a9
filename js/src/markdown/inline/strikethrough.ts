import type { Delimiter, MarkdownIt, StateInline } from "markdown-it";

/**
 * Strikethrough as in GFM: one or two tildes, closed by as many (https://github.github.com/gfm/#strikethrough-extension-).
 * markdown-it knows two only, and takes them out of longer runs. One tilde inside a word is none, which GFM allows: `10~20`.
 */
export function strikethrough(parser: MarkdownIt): void {
  parser.inline.ruler.at("strikethrough", tokenize);
  parser.inline.ruler2.at("strikethrough", (state) => {
    strike(state, state.delimiters);
    for (const meta of state.tokens_meta) if (meta?.delimiters) strike(state, meta.delimiters);
  });
}

export const TILDE = 126;

/** What stands for one tilde among delimiters, for two only match two. No character has this code. */
export const ONE_TILDE = -TILDE;

function tokenize(state: StateInline, silent: boolean): boolean {
  if (silent || state.src.charCodeAt(state.pos) !== TILDE) return false;
  let end = state.pos;
  while (end < state.posMax && state.src.charCodeAt(end) === TILDE) end++;
  const count = end - state.pos;
  const { can_open: open, can_close: close } = state.scanDelims(state.pos, count === 2);
  state.push("text", "", 0).content = state.src.slice(state.pos, end);
  if (count <= 2) {
    const marker = count === 2 ? TILDE : ONE_TILDE;
    state.delimiters.push({ marker, length: 0, token: state.tokens.length - 1, end: -1, open, close });
  }
  state.pos = end;
  return true;
}

/** Makes the texts of matched delimiters the ends of a span. */
function strike(state: StateInline, delimiters: readonly Delimiter[]): void {
  for (const opener of delimiters) {
    if ((opener.marker !== TILDE && opener.marker !== ONE_TILDE) || opener.end < 0) continue;
    const ends = [state.tokens[opener.token], state.tokens[delimiters[opener.end]?.token ?? -1]];
    for (const [index, token] of ends.entries()) {
      if (token === undefined) continue;
      Object.assign(token, {
        type: index === 0 ? "s_open" : "s_close",
        tag: "s",
        nesting: index === 0 ? 1 : -1,
        content: "",
      });
    }
  }
}
