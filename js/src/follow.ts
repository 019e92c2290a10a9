/** How far below the edge the end may be and still count as in sight, in CSS pixels. */
const NEAR = 2;
/** Milliseconds for which the elements that may scroll are taken to be the same. */
const REMEMBER = 2_000;

/** Keeps the end of a growing reply in sight while the reader is there. Scrolls nothing when the end is out of sight. */
export class Follow {
  readonly #node: HTMLElement;
  #scrollers: readonly Element[] = [];
  #foundAt = Number.NEGATIVE_INFINITY;
  #following = false;
  /** Whether the end stands at the edge, so that what is above it may go but not the end. */
  #pinned = false;
  /** Of the reply when it was last looked at, in CSS pixels. */
  #height: number | null = null;

  constructor(node: HTMLElement) {
    this.#node = node;
  }

  /** Looks, before anything is drawn, whether the end is in sight. */
  before(): void {
    this.#following = false;
    if (!this.#node.isConnected) return;
    // A reader who selects holds the text with the pointer.
    if (this.#node.ownerDocument.getSelection()?.type === "Range") return;
    const now = performance.now();
    if (now - this.#foundAt > REMEMBER) {
      this.#scrollers = scrollersOf(this.#node);
      this.#foundAt = now;
    }
    const { bottom, height } = this.#node.getBoundingClientRect();
    // A reply also grows between two drawings, when a formula is set or a picture comes: that is no reader who scrolls.
    const grown = Math.max(0, height - (this.#height ?? height));
    const { top, bottom: edge } = sightOf(this.#scroller());
    this.#following = bottom > top && bottom - grown <= edge + NEAR;
    this.#pinned = bottom >= edge - NEAR;
  }

  /** It has gone out of sight, where nobody looks at it. */
  lose(): void {
    this.#following = false;
    this.#height = null;
  }

  /** Scrolls by what has been drawn, and back by what has been folded away. */
  after(): void {
    const { bottom, height } = this.#node.getBoundingClientRect();
    this.#height = height;
    if (!this.#following) return;
    const scroller = this.#scroller();
    const hidden = bottom - sightOf(scroller).bottom;
    if (hidden > 0 || this.#pinned) scroller.scrollTop += Math.ceil(hidden);
  }

  /** The nearest element that has something to scroll, else the page. */
  #scroller(): Element {
    const full = this.#scrollers.find((each) => each.scrollHeight > each.clientHeight);
    return full ?? this.#node.ownerDocument.documentElement;
  }
}

/** The elements around `node` that scroll up and down when they are full, looked for through shadow roots. */
function scrollersOf(node: HTMLElement): Element[] {
  const found: Element[] = [];
  let each: Node | null = node;
  while (each) {
    each = each instanceof ShadowRoot ? each.host : each.parentNode;
    if (each instanceof Element && /^(auto|scroll)$/.test(getComputedStyle(each).overflowY)) found.push(each);
  }
  const page = node.ownerDocument.scrollingElement;
  return page === null || found.includes(page) ? found : [...found, page];
}

/** The part of the window in which the content of `scroller` is seen. */
function sightOf(scroller: Element): { top: number; bottom: number } {
  const top = scroller === scroller.ownerDocument.scrollingElement ? 0 : scroller.getBoundingClientRect().top;
  return { top, bottom: top + scroller.clientHeight };
}
