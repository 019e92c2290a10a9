/** Hears the fields of an object as they arrive. Between `open` and `close` come any number of `write`. */
export interface FieldSink {
  /** Field `name` begins. `isText`: its value is a string, and `write` gets it without quotes and escapes. Else as it is. */
  open(name: string, isText: boolean): void;
  write(piece: string): void;
  /** The value is whole. */
  close(): void;
}

type State =
  | "start"
  | "field"
  | "name"
  | "colon"
  | "value"
  | "text"
  | "nested"
  | "scalar"
  | "next"
  | "done"
  | "broken";

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

const SPACE = /\s/;
const HEX = /^[0-9a-f]+$/i;
const STRING_STOP = /["\\]/g;
const SCALAR_STOP = /[,}\s]/g;
const NESTED_STOP = /["\\{}[\]]/g;

/**
 * Finds the fields of a JSON object in text that may be cut anywhere. Looks at each character once, so that a delta's cost
 * does not depend on what came before. Knows enough of JSON to find the fields, not to judge them: the kernel does that.
 */
export class ArgumentScanner {
  readonly #sink: FieldSink;
  #state: State = "start";
  #name = "";
  /** The escape sequence that has begun, from its backslash on. */
  #escape = "";
  /** Brackets that are open inside a field's value. */
  #depth = 0;
  /** Inside a string inside a nested value. */
  #quoted = false;

  constructor(sink: FieldSink) {
    this.#sink = sink;
  }

  /** Whether the text is not an object after all; nothing more is heard of its fields. */
  get broken(): boolean {
    return this.#state === "broken";
  }

  write(chunk: string): void {
    let at = 0;
    while (at < chunk.length) at = this.#step(chunk, at);
  }

  /** Consumes at least one character of `chunk` from `at` on, or changes the state. Returns where to go on. */
  #step(chunk: string, at: number): number {
    switch (this.#state) {
      case "name":
        return this.#string(chunk, at, "colon", (piece) => {
          this.#name += piece;
        });
      case "text":
        return this.#string(chunk, at, "next", (piece) => this.#sink.write(piece));
      case "nested":
        return this.#nested(chunk, at);
      case "scalar":
        return this.#scalar(chunk, at);
      case "done":
      case "broken":
        return chunk.length;
      default:
        return this.#between(this.#state, chunk, at);
    }
  }

  /** One character of what stands between names and values. */
  #between(state: State, chunk: string, at: number): number {
    const character = chunk.charAt(at);
    if (SPACE.test(character)) return at + 1;
    if (state === "start") return this.#go(character === "{" ? "field" : "broken", at + 1);
    if (state === "field") {
      if (character === "}") return this.#go("done", at + 1);
      this.#name = "";
      return this.#go(character === '"' ? "name" : "broken", at + 1);
    }
    if (state === "colon") return this.#go(character === ":" ? "value" : "broken", at + 1);
    if (state === "next")
      return this.#go(character === "," ? "field" : character === "}" ? "done" : "broken", at + 1);
    this.#sink.open(this.#name, character === '"');
    if (character === '"') return this.#go("text", at + 1);
    return this.#go(character === "{" || character === "[" ? "nested" : "scalar", at);
  }

  #string(chunk: string, at: number, then: State, emit: (piece: string) => void): number {
    if (this.#escape !== "") return this.#escaped(chunk, at, emit);
    const stop = search(STRING_STOP, chunk, at);
    if (stop > at) emit(chunk.slice(at, stop));
    if (stop === chunk.length) return stop;
    if (chunk.charAt(stop) === "\\") {
      this.#escape = "\\";
      return stop + 1;
    }
    if (then === "next") this.#sink.close();
    return this.#go(then, stop + 1);
  }

  #escaped(chunk: string, at: number, emit: (piece: string) => void): number {
    this.#escape += chunk.charAt(at);
    const code = this.#escape.slice(2);
    if (this.#escape.charAt(1) !== "u") {
      const character = ESCAPES[this.#escape.charAt(1)];
      if (character === undefined) return this.#go("broken", at + 1);
      emit(character);
    } else if (code.length < 4) {
      return at + 1;
    } else {
      if (!HEX.test(code)) return this.#go("broken", at + 1);
      emit(String.fromCharCode(Number.parseInt(code, 16)));
    }
    this.#escape = "";
    return at + 1;
  }

  #nested(chunk: string, from: number): number {
    for (let at = from; at < chunk.length; at += 1) {
      if (this.#escape !== "") {
        this.#escape = "";
        continue;
      }
      at = search(NESTED_STOP, chunk, at);
      const character = chunk.charAt(at);
      if (character === "\\") this.#escape = character;
      else if (character === '"') this.#quoted = !this.#quoted;
      else if (this.#quoted) continue;
      else if (character === "{" || character === "[") this.#depth += 1;
      else if (character === "}" || character === "]") this.#depth -= 1;
      if (this.#depth > 0 || character === "") continue;
      this.#sink.write(chunk.slice(from, at + 1));
      this.#sink.close();
      return this.#go("next", at + 1);
    }
    this.#sink.write(chunk.slice(from));
    return chunk.length;
  }

  #scalar(chunk: string, at: number): number {
    const stop = search(SCALAR_STOP, chunk, at);
    if (stop > at) this.#sink.write(chunk.slice(at, stop));
    if (stop === chunk.length) return stop;
    this.#sink.close();
    return this.#go("next", stop);
  }

  #go(state: State, at: number): number {
    this.#state = state;
    return at;
  }
}

/** Where `stop` matches in `chunk` from `at` on, or its length. */
function search(stop: RegExp, chunk: string, at: number): number {
  stop.lastIndex = at;
  return stop.exec(chunk)?.index ?? chunk.length;
}
