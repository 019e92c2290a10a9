/** How long the kernel has to say that it has seen the request. A kernel that can hear takes 4 ms. */
const PATIENCE = 300;

/** How far a request to stop has come. `unable`: only the notebook's own stop button is left. */
export type StopState = "idle" | "asked" | "stopping" | "unable";

/**
 * Stops a reply: asks the kernel, and interrupts it if it cannot hear.
 *
 * While a cell runs some kernels leave messages of the page unread; an interrupt goes another way and reaches every kernel, but
 * not every front end offers one.
 */
export class Stop {
  readonly #ask: () => void;
  readonly #interrupt: () => Promise<void> | undefined;
  readonly #changed: () => void;
  #state: StopState = "idle";
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ask: () => void, interrupt: () => Promise<void> | undefined, changed: () => void) {
    this.#ask = ask;
    this.#interrupt = interrupt;
    this.#changed = changed;
  }

  get state(): StopState {
    return this.#state;
  }

  /** The user wants it to stop. */
  request(): void {
    if (this.#state !== "idle") return;
    this.#go("asked");
    this.#ask();
    this.#timer = setTimeout(() => void this.#force(), PATIENCE);
  }

  /** The kernel has seen the request. */
  seen(): void {
    this.dispose();
    this.#go("stopping");
  }

  /** There is something to stop again. */
  rearm(): void {
    if (this.#state !== "idle") this.#go("idle");
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }

  async #force(): Promise<void> {
    try {
      const interrupted = this.#interrupt();
      if (interrupted === undefined) throw new Error("this front end cannot interrupt");
      await interrupted;
      this.#go("stopping");
    } catch {
      if (this.#state === "asked") this.#go("unable");
    }
  }

  #go(state: StopState): void {
    this.#state = state;
    this.#changed();
  }
}
