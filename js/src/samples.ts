/** Samples a second, one channel, as Qwen-Omni sends them. */
const RATE = 24_000;
/** Rates that every browser plays: https://webaudio.github.io/web-audio-api/#dom-baseaudiocontext-createbuffer. */
const PLAYED = { from: 8_000, to: 96_000 } as const;
const DATA = [0x64, 0x61, 0x74, 0x61] as const;

/** Reads the samples of an audio part: lines of base64, each padded by itself, of 16-bit little-endian samples. */
export class SampleReader {
  /** Known after the first line: a WAV header may say otherwise. */
  rate = RATE;
  #line = "";
  #bytes: number[] | null = [];
  /** The half of a sample that a line ended with. */
  #half: number | null = null;

  /** The samples of the lines that `text` completes, from -1 to 1. */
  read(text: string): Float32Array<ArrayBuffer> {
    const lines = (this.#line + text).split("\n");
    this.#line = lines.pop() ?? "";
    const chunks = lines.map((line) => this.#samples(this.#withoutHeader(decoded(line))));
    const samples = new Float32Array(chunks.reduce((count, chunk) => count + chunk.length, 0));
    let at = 0;
    for (const chunk of chunks) {
      samples.set(chunk, at);
      at += chunk.length;
    }
    return samples;
  }

  /** The bytes behind the header that the stream may begin with. */
  #withoutHeader(bytes: Uint8Array): Uint8Array {
    if (this.#bytes === null) return bytes;
    const head = Uint8Array.from([...this.#bytes, ...bytes]);
    if (head.length < 4) {
      this.#bytes = [...head];
      return new Uint8Array();
    }
    this.#bytes = null;
    if (String.fromCharCode(...head.subarray(0, 4)) !== "RIFF" || head.length < 28) return head;
    const rate = new DataView(head.buffer).getUint32(24, true);
    if (rate >= PLAYED.from && rate <= PLAYED.to) this.rate = rate;
    const data = head.findIndex(
      (_, at) => at >= 12 && DATA.every((byte, offset) => head[at + offset] === byte),
    );
    return head.subarray(data < 0 ? head.length : data + 8);
  }

  #samples(bytes: Uint8Array): Float32Array {
    const whole = this.#half === null ? bytes : Uint8Array.from([this.#half, ...bytes]);
    this.#half = whole.length % 2 === 0 ? null : (whole.at(-1) ?? null);
    const view = new DataView(whole.buffer, whole.byteOffset, whole.byteLength);
    return Float32Array.from({ length: whole.length >> 1 }, (_, at) => view.getInt16(2 * at, true) / 32_768);
  }
}

/** The bytes of one line; none if it is damaged. */
function decoded(line: string): Uint8Array {
  try {
    return Uint8Array.from(atob(line), (character) => character.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}
