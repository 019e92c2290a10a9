/** How near to its end a box counts as being there, in CSS pixels. */
const NEAR = 4;

/** A box that may scroll: reachable by keyboard while it overflows, and it stays at its end while the user is there. */
export class ScrollBox {
  readonly node: HTMLElement;
  readonly #name: string;
  #atEnd = true;

  constructor(node: HTMLElement, name: string, signal: AbortSignal) {
    this.node = node;
    this.#name = name;
    const look = () => {
      this.#atEnd = node.scrollTop + node.clientHeight >= node.scrollHeight - NEAR;
    };
    node.addEventListener("scroll", look, { signal, passive: true });
  }

  /** The content has grown. Reads the layout. */
  follow(): void {
    const { node } = this;
    if (node.scrollHeight <= node.clientHeight) return;
    if (node.tabIndex !== 0) {
      node.tabIndex = 0;
      node.setAttribute("role", "group");
      node.setAttribute("aria-label", this.#name);
    }
    if (this.#atEnd) node.scrollTop = node.scrollHeight;
  }
}
