const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 60_000;
const TRIES = 12;

/**
 * Asks the kernel for a snapshot while something is missing: at once, then less and less often.
 *
 * The answer may be late (a cell blocks the kernel) or lost (jupyter_server drops messages above its rate limit), and it may
 * never come (the kernel is gone); so it asks again, but not for ever.
 */
export class Puller {
  readonly #ask: (again: boolean) => void;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #tries = 0;

  /** `ask` hears whether it has asked for the same before. */
  constructor(ask: (again: boolean) => void) {
    this.#ask = ask;
  }

  /** Something is missing. */
  start(): void {
    if (this.#timer === null) this.#try();
  }

  /** Nothing is missing. */
  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#tries = 0;
  }

  #try(): void {
    const wait = Math.min(FIRST_WAIT * 2 ** this.#tries, LONGEST_WAIT);
    this.#tries += 1;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (this.#tries < TRIES) this.#try();
    }, wait);
    this.#ask(this.#tries > 1);
  }
}
