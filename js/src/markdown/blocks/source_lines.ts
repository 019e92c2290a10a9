/** Makes all line ends `\n`, and keeps what may be half of something until the rest comes. */
export class SourceLines {
  #held = "";

  /** The part of the text so far that is certain, without what has been taken before. */
  take(text: string): string {
    const all = this.#held + text;
    // A `\r` may be half of a line end; the first half of a surrogate pair is no character.
    this.#held = /[\r\ud800-\udbff]$/.exec(all)?.[0] ?? "";
    return normalize(this.#held === "" ? all : all.slice(0, -1));
  }

  end(): string {
    return normalize(this.#held);
  }
}

/** NUL is replaced as https://spec.commonmark.org/0.31.2/#insecure-characters asks. */
function normalize(text: string): string {
  return text.replace(/\r\n?/g, "\n").replaceAll("\0", "\ufffd");
}
