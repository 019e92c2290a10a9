/** Longest time for which `inSlices` keeps the page busy without a pause, in milliseconds; one step may take longer. */
const SLICE = 6;

/** Does `step` for each of `items`, now and then letting the page do something else. */
export function inSlices<Item>(items: Iterable<Item>, step: (item: Item) => void): void {
  const iterator = items[Symbol.iterator]();
  const run = (): void => {
    const end = performance.now() + SLICE;
    for (let next = iterator.next(); !next.done; next = iterator.next()) {
      step(next.value);
      if (performance.now() >= end) {
        setTimeout(run);
        return;
      }
    }
  };
  setTimeout(run);
}
