/** Seconds since the request was sent, as the kernel counts them. Does not go back while the reply streams. */
export class Clock {
  /** The page's time at which the kernel's was 0, by the message that was least delayed. */
  #origin = Number.POSITIVE_INFINITY;

  /** The kernel's clock showed `at` when it sent what has just come. */
  sync(at: number): void {
    this.#origin = Math.min(this.#origin, performance.now() / 1000 - at);
  }

  /** The kernel's clock stood still and shows `at` again: the rest of a reply was asked for. */
  resume(at: number): void {
    this.#origin = performance.now() / 1000 - at;
  }

  get now(): number {
    return Math.max(0, performance.now() / 1000 - this.#origin);
  }
}
