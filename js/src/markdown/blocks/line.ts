/** What `Line.at` says beyond the last character. */
export const END = -1;

export const TAB = 9;
export const SPACE = 32;

export function isSpace(code: number): boolean {
  return code === SPACE || code === TAB;
}

/**
 * One line of the source as far as it has come, read from left to right.
 *
 * An incomplete line remembers in `undecided` whether a reader has looked beyond its last character. If none has, no further
 * character can change what was read: that is how a line is taken before its end, and still rightly.
 */
export class Line {
  readonly text: string;
  readonly complete: boolean;
  undecided = false;
  /** Index of the next character to read. */
  pos = 0;
  /** Its column; tabs stop at every fourth: https://spec.commonmark.org/0.31.2/#tabs */
  column = 0;
  /** Where the next character that is neither space nor tab stands, and how many columns away. `look` finds it. */
  next = 0;
  indent = 0;
  /** Whether nothing but spaces and tabs is left. */
  blank = false;
  #nextColumn = 0;
  /** The tab at `pos` is used up in part. */
  #inTab = false;

  constructor(text: string, complete: boolean) {
    this.text = text;
    this.complete = complete;
  }

  /** The character's code, or `END`. */
  at(index: number): number {
    if (index < this.text.length) return this.text.charCodeAt(index);
    if (!this.complete) this.undecided = true;
    return END;
  }

  look(): void {
    let index = this.pos;
    let column = this.column;
    let code = this.at(index);
    while (isSpace(code)) {
      column += code === TAB ? 4 - (column % 4) : 1;
      code = this.at(++index);
    }
    this.next = index;
    this.#nextColumn = column;
    this.indent = column - this.column;
    this.blank = code === END;
  }

  /** Goes on to what `look` has found. */
  skipIndent(): void {
    this.pos = this.next;
    this.column = this.#nextColumn;
    this.#inTab = false;
  }

  /** Goes `count` columns on, by part of a tab if need be. */
  skipColumns(count: number): void {
    for (let left = count; left > 0 && this.pos < this.text.length; ) {
      const width = this.text.charCodeAt(this.pos) === TAB ? 4 - (this.column % 4) : 1;
      this.#inTab = width > left;
      const step = Math.min(width, left);
      this.column += step;
      left -= step;
      if (!this.#inTab) this.pos++;
    }
  }

  /** Goes on to `index`, over characters that are no tabs. */
  skipTo(index: number): void {
    this.column += index - this.pos;
    this.pos = index;
    this.#inTab = false;
  }

  /** Where the run of `code` that begins at `index` ends. */
  runEnd(index: number, code: number): number {
    let end = index;
    while (this.at(end) === code) end++;
    return end;
  }

  /** Whether only spaces and tabs follow from `index`. */
  blankFrom(index: number): boolean {
    let end = index;
    while (isSpace(this.at(end))) end++;
    return this.at(end) === END;
  }

  mark(): LineMark {
    return { pos: this.pos, column: this.column, inTab: this.#inTab };
  }

  reset(mark: LineMark): void {
    this.pos = mark.pos;
    this.column = mark.column;
    this.#inTab = mark.inTab;
  }

  /** What is left of the line, what is left of a tab as spaces. */
  rest(): string {
    if (!this.#inTab) return this.text.slice(this.pos);
    return " ".repeat(4 - (this.column % 4)) + this.text.slice(this.pos + 1);
  }
}

interface LineMark {
  readonly pos: number;
  readonly column: number;
  readonly inTab: boolean;
}
