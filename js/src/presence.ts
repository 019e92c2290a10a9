/** How often a page says that it is there, in milliseconds. The kernel takes a page for gone after two and a half minutes without a word. */
const PERIOD = 5_000;

/** Tells the kernel that a user is there to answer, as long as something is asked. */
export class Presence {
  readonly #say: () => void;
  readonly #asked = new Set<unknown>();
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(say: () => void) {
    this.#say = say;
  }

  /** `question` is open, or no longer. */
  update(question: unknown, open: boolean): void {
    if (open === this.#asked.has(question)) return;
    if (open) this.#asked.add(question);
    else this.#asked.delete(question);
    if (this.#asked.size === 0) {
      this.dispose();
    } else if (this.#timer === undefined) {
      this.#timer = setInterval(this.#say, PERIOD);
      this.greet();
    }
  }

  /** Somebody is there now. */
  greet(): void {
    if (this.#timer !== undefined) this.#say();
  }

  dispose(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
