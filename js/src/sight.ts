/** How far outside of the window still counts, so that what is scrolled to is there already. */
const NEAR = "50%";

/** Whether `node` is in the window, or near it. */
export class Sight {
  #seen = true;

  /** `changed` hears of it. Where the page cannot tell, everything counts as seen. */
  constructor(node: HTMLElement, changed: () => void, signal: AbortSignal) {
    const Observer = node.ownerDocument.defaultView?.IntersectionObserver;
    if (Observer === undefined) return;
    const observer = new Observer(
      (entries) => {
        this.#seen = entries.at(-1)?.isIntersecting !== false;
        changed();
      },
      { rootMargin: NEAR, scrollMargin: NEAR } as IntersectionObserverInit,
    );
    observer.observe(node);
    signal.addEventListener("abort", () => observer.disconnect());
  }

  get seen(): boolean {
    return this.#seen;
  }
}
