/** How far below the edge the end may be and still count as in sight, in CSS pixels. */
const NEAR = 2;
/** Milliseconds for which the element that scrolls is taken to be the same. */
const REMEMBER = 2_000;

/** Keeps the end of a growing reply in sight while the reader is there. Scrolls nothing when the end is out of sight. */
export class Follow {
  readonly #node: HTMLElement;
  #scroller: Element | null = null;
  #foundAt = Number.NEGATIVE_INFINITY;
  #following = false;

  constructor(node: HTMLElement) {
    this.#node = node;
  }

  /** Looks, before anything is drawn, whether the end is in sight. */
  before(): void {
    this.#following = false;
    if (!this.#node.isConnected) return;
    // A reader who selects holds the text with the pointer.
    if (this.#node.ownerDocument.getSelection()?.type === "Range") return;
    const bottom = this.#node.getBoundingClientRect().bottom;
    const view = this.#view();
    this.#following = view !== null && bottom > view.top && bottom <= view.bottom + NEAR;
  }

  /** Scrolls by what has been drawn. */
  after(): void {
    if (!this.#following || this.#scroller === null) return;
    const hidden = this.#node.getBoundingClientRect().bottom - (this.#view()?.bottom ?? 0);
    if (hidden > 0) this.#scroller.scrollTop += Math.ceil(hidden);
  }

  #view(): { top: number; bottom: number } | null {
    const now = performance.now();
    if (now - this.#foundAt > REMEMBER) {
      this.#scroller = scrollerOf(this.#node);
      this.#foundAt = now;
    }
    if (this.#scroller === null) return null;
    const page = this.#scroller === this.#node.ownerDocument.scrollingElement;
    if (page) return { top: 0, bottom: this.#scroller.clientHeight };
    const { top } = this.#scroller.getBoundingClientRect();
    return { top, bottom: top + this.#scroller.clientHeight };
  }
}

/** The nearest element around `node` that scrolls up and down, looked for through shadow roots. */
function scrollerOf(node: HTMLElement): Element | null {
  let each: Node | null = node;
  while (each) {
    each = each instanceof ShadowRoot ? each.host : each.parentNode;
    if (!(each instanceof HTMLElement) || each.scrollHeight <= each.clientHeight) continue;
    if (/^(auto|scroll)$/.test(getComputedStyle(each).overflowY)) return each;
  }
  return node.ownerDocument.scrollingElement;
}
