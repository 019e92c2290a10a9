/**
 * A character that shows nothing, or changes how others are shown. Not among them: ends of lines, tabs, what makes a sign an
 * emoji, joiners where scripts and emoji need them, and half a pair, whose other half may follow.
 */
const HIDDEN =
  /(?![\ufe0e\ufe0f\t\n\r\ud800-\udbff]|(?<=[\ufe0f\u0600-\u0dff\u2190-\u2bff\u{1f000}-\u{1faff}])[\u200c\u200d])[\p{C}\p{DI}\u2028\u2029]/gu;

const HALF = /[\ud800-\udbff]$/;

/** Spells out what is hidden in a text. */
export type Spelling = (text: string) => string;

/** `text` with `U+202E` for each hidden character, as the kernel spells names. */
export const visible: Spelling = (text) =>
  text.replace(HIDDEN, (hidden) => `U+${hex(hidden.codePointAt(0)).toUpperCase()}`);

/** JSON with `\u202e` for each hidden character: it means the same. */
export const escaped: Spelling = (json) =>
  json.replace(HIDDEN, (hidden) => hidden.replace(/./gs, (unit) => `\\u${hex(unit.charCodeAt(0))}`));

const hex = (code = 0): string => code.toString(16).padStart(4, "0");

/** A text node that grows and hides nothing. */
export class VisibleText {
  readonly node: Text;
  readonly #spell: Spelling;
  /** The last character: whether a joiner may follow it, and whether it is whole, is seen when more comes. */
  #last = "";

  constructor(doc: Document, spell: Spelling) {
    this.node = doc.createTextNode("");
    this.#spell = spell;
  }

  append(text: string): void {
    const { node } = this;
    const all = this.#last + text;
    let drawn = this.#spell(this.#last).length;
    if (HALF.test(this.#last)) {
      node.deleteData(node.length - 1, 1);
      drawn = 0;
    }
    node.appendData(this.#spell(all).slice(drawn));
    this.#last = /.$/su.exec(all)?.[0] ?? "";
  }
}
