const PERIOD = 100;

const tickers = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/** Calls `tick` ten times a second until the returned function is called. All live clocks of a page share one timer. */
export function everyTick(tick: () => void): () => void {
  tickers.add(tick);
  timer ??= setInterval(() => {
    for (const each of tickers) each();
  }, PERIOD);
  return () => {
    tickers.delete(tick);
    if (tickers.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}
