/** A formula inside a text. */
export interface MathSpan {
  readonly source: string;
  /** On a line of its own. */
  readonly display: boolean;
  /** Index of what follows it. */
  readonly end: number;
}

/** Longest formula inside a text; a `$` or `\(` that is not closed within it is none. In UTF-16 units. */
const MAX_LENGTH = 2000;
const MAX_DOLLAR_LENGTH = 600;
/** What a sum of money does not begin with. */
const ONLY_MATH = /[\\^_]/;

/**
 * The formula that begins at `start`, with `$`, `$$`, `\(` or `\[`. `null` if none does; "open" if none does yet, but more text
 * may make it one. The text is looked at up to `end`.
 */
export function mathSpan(text: string, start: number, end: number): MathSpan | "open" | null {
  if (text[start] === "\\") {
    const close = text[start + 1] === "(" ? "\\)" : text[start + 1] === "[" ? "\\]" : null;
    return close === null ? null : delimited(text, start, end, close);
  }
  if (text[start] !== "$" || text[start - 1] === "$") return null;
  if (text[start + 1] !== "$") return dollar(text, start, end);
  return text[start + 2] === "$" ? null : delimited(text, start, end, "$$");
}

function delimited(text: string, start: number, end: number, close: string): MathSpan | "open" | null {
  const limit = Math.min(end, start + MAX_LENGTH);
  for (let index = start + 2; index + 1 < limit; index++) {
    if (text[index] === close[0] && text[index + 1] === close[1]) {
      const source = text.slice(start + 2, index).trim();
      // `\(\)` and `\[\\\]` are escaped punctuation.
      return /[\p{L}\p{N}]/u.test(source) ? { source, display: close !== "\\)", end: index + 2 } : null;
    }
    if (text[index] === "\\") index++;
  }
  return end < start + MAX_LENGTH ? "open" : null;
}

/**
 * As pandoc has it, a `$` opens before and closes after something other than space, and does not close before a digit:
 * https://pandoc.org/MANUAL.html#extension-tex_math_dollars. Besides, it does not open after a letter or a digit: `US$5`. What goes
 * on as only a formula does may stand there: `2$\\times$3`.
 */
function dollar(text: string, start: number, end: number): MathSpan | "open" | null {
  const next = text[start + 1];
  if (next === undefined || start + 1 >= end) return "open";
  if (/\s/.test(next)) return null;
  if (/[A-Za-z0-9]/.test(text[start - 1] ?? "") && !ONLY_MATH.test(next)) return null;
  const limit = Math.min(end, start + MAX_DOLLAR_LENGTH);
  for (let index = start + 1; index < limit; index++) {
    const character = text[index];
    if (character === "`") return null;
    if (character === "\\") index++;
    else if (character === "$") {
      const source = text.slice(start + 1, index);
      if (/\s$/.test(source) || isAmount(`${source} `)) return null;
      if (index + 1 >= end) return { source, display: false, end: index + 1 };
      if (/\d/.test(text[index + 1] ?? "") && !ONLY_MATH.test(next)) return null;
      return { source, display: false, end: index + 1 };
    }
  }
  if (end >= start + MAX_DOLLAR_LENGTH || isAmount(text.slice(start + 1, end))) return null;
  return "open";
}

/** Whether it reads as a sum of money and words: `5 and`, `1,000 per month`. */
function isAmount(text: string): boolean {
  return /^\d[\d.,]*[kKmMbB%]?\s/.test(text) && /\s[A-Za-z]{3,}[\s,.;:!?]/.test(text);
}
