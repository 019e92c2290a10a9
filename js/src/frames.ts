/**
 * Something that is drawn at most once a frame.
 *
 * All views of a page share one frame: first each looks, then each draws, then each looks again, so that twenty streams cost
 * two layouts of the page and not forty. What nobody can see is drawn less often, and its layout is not read: a browser that is
 * asked for it would have to make it.
 */
export interface Drawable {
  /** Whether a reader could see it. */
  readonly seen: boolean;
  /** Reads the layout that the last frame left. */
  before(): void;
  draw(): void;
  /** May read the new layout. */
  after(): void;
}

/** Longer than any frame of a page that is shown, and short enough that little piles up in one that is not. */
const HIDDEN_FRAME = 250;

/** How many views that nobody sees are drawn in one go. */
const AT_ONCE = 10;

const waiting = new Set<Drawable>();
const unseen = new Set<Drawable>();
let frame = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

/**
 * Draws `view` at once, or in the next frame if none has come since the last drawing: a frame that finds all drawn has only to paint
 * it, and is there sooner. A browser gives no frames to a tab or an output that is out of sight; there a timer does.
 */
export function requestDraw(view: Drawable): void {
  if (!view.seen) {
    if (unseen.size === 0) setTimeout(flushUnseen, HIDDEN_FRAME);
    unseen.add(view);
    return;
  }
  unseen.delete(view);
  waiting.add(view);
  timer ??= setTimeout(flush);
}

/** Forgets that `view` wanted to be drawn. */
export function cancelDraw(view: Drawable): void {
  unseen.delete(view);
  waiting.delete(view);
  if (waiting.size === 0) stop();
}

function stop(): void {
  cancelAnimationFrame(frame);
  clearTimeout(timer);
  timer = undefined;
}

/** A frame has come: what has been asked for since the last drawing is drawn in it. */
function next(): void {
  stop();
  if (waiting.size > 0) flush();
}

/** A few at a time, so that a hundred of them do not hold up those that are seen. */
function flushUnseen(): void {
  for (const view of [...unseen].slice(0, AT_ONCE)) {
    unseen.delete(view);
    attempt(() => view.draw());
  }
  if (unseen.size > 0) setTimeout(flushUnseen, HIDDEN_FRAME / AT_ONCE);
}

function flush(): void {
  stop();
  frame = requestAnimationFrame(next);
  timer = setTimeout(next, HIDDEN_FRAME);
  const views = [...waiting];
  waiting.clear();
  for (const view of views) attempt(() => view.before());
  for (const view of views) attempt(() => view.draw());
  for (const view of views) attempt(() => view.after());
}

/** A view that fails must not take the others with it; the error still reaches the console. */
function attempt(step: () => void): void {
  try {
    step();
  } catch (error) {
    reportError(error);
  }
}
