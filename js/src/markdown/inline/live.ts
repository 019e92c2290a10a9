import type { Delimiter, MarkdownIt, StateInline } from "markdown-it";
import { ONE_TILDE, TILDE } from "./strikethrough.ts";

/*
 * Rules for a text that goes on (`env.live`): a construct that it leaves open is read as what it is going to be. A text that is
 * complete is read without them.
 */

/** Longest code that is believed to be going to end; in UTF-16 units. */
const MAX_CODE = 300;

export function live(parser: MarkdownIt): void {
  parser.inline.ruler.before("backticks", "live_code", whenLive(code));
  parser.inline.ruler.before("link", "live_link", whenLive(link));
  parser.inline.ruler.before("image", "live_image", whenLive(image));
  parser.inline.ruler2.after("balance_pairs", "live_emphasis", closeEmphasis);
}

/** The rule, for a text that goes on, and where the rule reaches the end of it. */
function whenLive(rule: (state: StateInline) => boolean) {
  return (state: StateInline, silent: boolean): boolean =>
    state.env["live"] === true && !silent && state.posMax === state.src.length && rule(state);
}

/** `` `co `` */
function code(state: StateInline): boolean {
  if (state.src.charCodeAt(state.pos) !== 96) return false;
  let start = state.pos;
  while (state.src.charCodeAt(start) === 96) start++;
  const marker = state.src.slice(state.pos, start);
  const rest = state.src.slice(start);
  if (rest.trim() === "" || rest.length > MAX_CODE) return false;
  if (rest.split(/(`+)/).includes(marker)) return false;
  const token = state.push("code_inline", "code", 0);
  token.content = rest.replace(/\n/g, " ").trim();
  token.markup = marker;
  state.pos = state.src.length;
  return true;
}

/** `[te`, `[text]` at the end, `[text](htt` */
function link(state: StateInline): boolean {
  if (state.src.charCodeAt(state.pos) !== 91) return false;
  const label = openLabel(state, state.pos);
  if (label === null) return false;
  const { pos, posMax } = state;
  state.pos = pos + 1;
  state.posMax = label.end;
  state.push("link_open", "a", 1).info = "unfinished";
  state.linkLevel++;
  state.md.inline.tokenize(state);
  state.linkLevel--;
  state.push("link_close", "a", -1);
  state.pos = state.posMax = posMax;
  return true;
}

/** `![al`, `![alt](htt` */
function image(state: StateInline): boolean {
  if (state.src.charCodeAt(state.pos) !== 33 || state.src.charCodeAt(state.pos + 1) !== 91) return false;
  const label = openLabel(state, state.pos + 1);
  if (label === null) return false;
  state.push("unfinished_image", "", 0).content = state.src.slice(state.pos + 2, label.end);
  state.pos = state.posMax;
  return true;
}

/** The label that begins at `start` if a link may still come of it. What looks like a number, a blank or a note is none. */
function openLabel(state: StateInline, start: number): { end: number } | null {
  const { src, posMax } = state;
  if (!/^\[[^\s\d^\][(),.;:=<>|+-]/.test(src.slice(start, start + 2))) return null;
  const end = state.md.helpers.parseLinkLabel(state, start, true);
  if (end < 0) return src.includes("]", start) ? null : { end: posMax };
  if (end + 1 >= posMax) return { end };
  if (src[end + 1] !== "(" || src.includes(")", end) || /\n.*\n|[^\s"'(]\s+[^\s"'(]/.test(src.slice(end + 2)))
    return null;
  return { end };
}

/** `**bo`: closes what is open at the end, from the innermost to the outermost. */
function closeEmphasis(state: StateInline): void {
  if (state.env["live"] !== true) return;
  const { delimiters } = state;
  for (let index = delimiters.length - 1; index >= 0; index--) {
    const opener = delimiters[index] as Delimiter;
    if (opener.end >= 0 || !opener.open || !isBelieved(opener)) continue;
    state.push("text", "", 0);
    opener.end = delimiters.length;
    delimiters.push({ ...opener, token: state.tokens.length - 1, end: -1, open: false, close: true });
  }
}

/** A single `*` between two letters is seldom emphasis, and `~5` seldom the beginning of what is struck. */
function isBelieved(opener: Delimiter): boolean {
  if (opener.marker === ONE_TILDE) return false;
  return opener.marker === TILDE || (opener.length ?? 0) > 1 || !opener.close;
}
