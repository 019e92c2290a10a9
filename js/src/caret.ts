/** Elements whose text is set in lines: the caret stands at the end of one, not inside what is inside it. */
const LINES = new Set(["P", "H1", "H2", "H3", "H4", "H5", "H6", "TD", "TH", "CODE", "math"]);

/** A mark at the end of a growing text. It is an attribute of the last element, so that nothing is added to what others draw. */
export class Caret {
  #at: Element | null = null;

  /** Puts the mark at the end of what is in `root`. Costs the depth, not the length. */
  moveTo(root: Element): void {
    let at = root;
    while (!LINES.has(at.tagName) && at.lastChild instanceof Element) at = at.lastChild;
    if (at === this.#at) return;
    this.remove();
    this.#at = at;
    at.setAttribute("data-caret", "");
  }

  remove(): void {
    this.#at?.removeAttribute("data-caret");
    this.#at = null;
  }
}
