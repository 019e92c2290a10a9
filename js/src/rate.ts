/** Seconds over which the present rate is taken: long enough to be steady, short enough to show a stall. */
const WINDOW = 3;
/** Below these a rate is noise. */
const SHORTEST = 0.5;
const FEWEST = 4;

interface Sample {
  readonly at: number;
  readonly deltas: number;
}

/** How fast deltas come. A delta is about a token: engines send one for each, or a few when they are fast. */
export class Rate {
  readonly #samples: Sample[] = [];

  /** The model has sent `deltas` in all, `at` seconds after the request. */
  add(at: number, deltas: number): void {
    if (deltas > 0) this.#samples.push({ at, deltas });
  }

  /** Deltas a second over the last seconds before `now`; `null` while there are too few to tell. */
  at(now: number): number | null {
    const samples = this.#samples;
    while (samples.length > 1 && (samples[1]?.at ?? now) <= now - WINDOW) samples.shift();
    const [first, last] = [samples[0], samples.at(-1)];
    if (first === undefined || last === undefined || last.deltas < FEWEST) return null;
    const time = now - Math.max(first.at, now - WINDOW);
    return time < SHORTEST ? null : (last.deltas - first.deltas) / time;
  }
}
