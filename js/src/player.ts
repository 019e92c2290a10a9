/** `blocked`: the browser plays nothing before the user has clicked somewhere. */
export type PlayerState = "idle" | "blocked" | "playing" | "paused";

/** Seconds that the first sound waits, and the next after a gap, so that what follows is there in time. */
const LEAD = 0.1;

/** As loud as the user has set it, for all sound of the page. */
let volume = 1;

/** Plays samples while they come, and again from the start when they are all there. */
export class Player {
  readonly #changed: () => void;
  readonly #chunks: AudioBuffer[] = [];
  #context: AudioContext | null = null;
  #gain: GainNode | null = null;
  /** How many chunks have been given to the context. */
  #given = 0;
  /** When, by the context's clock, the sound that has been given to it is over. */
  #until = 0;
  #isWhole = false;
  /** Of all that has come. */
  seconds = 0;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Whether this browser can play at all. */
  static get isPossible(): boolean {
    return "AudioContext" in globalThis;
  }

  get state(): PlayerState {
    if (this.#context === null) return "idle";
    if (this.#context.state === "running") return "playing";
    return this.#given > 0 && this.#context.currentTime > 0 ? "paused" : "blocked";
  }

  /** Seconds that are there and have not been heard. */
  get ahead(): number {
    return Math.max(0, this.#until - (this.#context?.currentTime ?? 0));
  }

  get volume(): number {
    return volume;
  }

  set volume(value: number) {
    volume = value;
    if (this.#gain) this.#gain.gain.value = value;
  }

  /** More samples of one channel, `rate` a second. */
  write(samples: Float32Array<ArrayBuffer>, rate: number): void {
    if (samples.length === 0) return;
    const buffer = new AudioBuffer({ length: samples.length, sampleRate: rate });
    buffer.copyToChannel(samples, 0);
    this.#chunks.push(buffer);
    this.seconds += buffer.duration;
    this.#give();
  }

  /** No more samples come. */
  end(): void {
    this.#isWhole = true;
    this.#give();
  }

  /** Goes on, or starts from the beginning. */
  play(): void {
    if (this.#context === null) {
      const context = new AudioContext();
      context.onstatechange = this.#changed;
      this.#gain = context.createGain();
      this.#gain.gain.value = volume;
      this.#gain.connect(context.destination);
      this.#context = context;
      this.#given = 0;
      this.#until = 0;
      this.#give();
    }
    // Stays pending until the browser allows it.
    void this.#context.resume();
    this.#changed();
  }

  pause(): void {
    void this.#context?.suspend();
  }

  /** Ends the sound; it can be played again. */
  stop(): void {
    const context = this.#context;
    this.#context = null;
    this.#gain = null;
    if (context === null) return;
    context.onstatechange = null;
    void context.close();
    this.#changed();
  }

  /** Gives the context what it has not got, each chunk where the one before ends. */
  #give(): void {
    const context = this.#context;
    if (context === null || this.#gain === null) return;
    for (const buffer of this.#chunks.slice(this.#given)) {
      const source = new AudioBufferSourceNode(context, { buffer });
      source.connect(this.#gain);
      const start = this.#until > context.currentTime ? this.#until : context.currentTime + LEAD;
      source.start(start);
      this.#until = start + buffer.duration;
      this.#given += 1;
      const number = this.#given;
      source.onended = () => this.#heard(context, number);
    }
    if (this.#isWhole && this.#chunks.length > 0 && context.currentTime >= this.#until) this.stop();
  }

  /** Chunk `number` is over; with the last of them the sound is. */
  #heard(context: AudioContext, number: number): void {
    if (this.#context === context && this.#isWhole && number === this.#chunks.length) this.stop();
  }
}
