/** Seconds over which the present rate is taken: long enough to be steady, short enough to show a stall. */
const WINDOW = 3;
/** Below these a rate is noise. */
const SHORTEST = 0.5;
const FEWEST = 4;

type Sample = readonly [at: number, deltas: number];

/** How fast deltas come. A delta is about a token: engines send one for each, or a few when they are fast. */
export class Rate {
  readonly #samples: Sample[] = [];

  /** The model has sent `deltas` in all, `at` seconds after the request. */
  add(at: number, deltas: number): void {
    if (deltas === 0) return;
    this.#samples.push([at, deltas]);
    while ((this.#samples[1]?.[0] ?? at) < at - WINDOW) this.#samples.shift();
  }

  /** Deltas a second over the last seconds before `now`; `null` while there are too few to tell. */
  at(now: number): number | null {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined) return null;
    const [time, count] = [now - first[0], last[1] - first[1]];
    if (time < SHORTEST || count < FEWEST) return null;
    return count / time;
  }
}
