/** How many boxes stand side by side. Laying out one costs the browser a glance at each of its neighbours. */
const WIDTH = 16;

/**
 * Puts boxes one below the other in such a way that one that grows costs the same however many stand before it.
 *
 * The first few stand directly in the shelf; those that follow are grouped, and the groups grow longer the more there are: a
 * thousand boxes are 16 boxes, 16 groups of 16, and 3 groups of 16 groups. Where a box goes depends on its number alone.
 */
export class Shelf {
  readonly #node: HTMLElement;
  readonly #makeGroup: () => Group;
  readonly #full: (group: HTMLElement) => void;
  /** The open groups around the place of the next box, from the outermost to the innermost. */
  #groups: OpenGroup[] = [];
  #count = 0;
  /** How deep the groups at the end of the shelf are nested. */
  #depth = 0;
  /** How many boxes fit before they are nested deeper. */
  #capacity = WIDTH;

  /** `full` is called with each innermost group that gets no more boxes. */
  constructor(node: HTMLElement, makeGroup: () => Group, full: (group: HTMLElement) => void = () => {}) {
    this.#node = node;
    this.#makeGroup = makeGroup;
    this.#full = full;
  }

  /** How many boxes have been placed. */
  get count(): number {
    return this.#count;
  }

  place(box: HTMLElement): void {
    if (this.#count === this.#capacity) {
      this.#depth++;
      this.#capacity += WIDTH ** (this.#depth + 1);
    }
    while (this.#groups[this.#groups.length - 1]?.left === 0) {
      const group = this.#groups.pop();
      if (group?.depth === 1) this.#full(group.outer);
    }
    while (this.#groups.length < this.#depth) this.#openGroup();
    const inner = this.#groups[this.#groups.length - 1];
    if (inner !== undefined) inner.left--;
    (inner?.inner ?? this.#node).append(box);
    this.#count++;
  }

  #openGroup(): void {
    const around = this.#groups[this.#groups.length - 1];
    const { outer, inner } = this.#makeGroup();
    if (around !== undefined) around.left--;
    (around?.inner ?? this.#node).append(outer);
    this.#groups.push({ outer, inner, left: WIDTH, depth: this.#depth - this.#groups.length });
  }
}

/** A box for boxes: what stands in the shelf, and in it, often the same, what holds them. */
export interface Group {
  readonly outer: HTMLElement;
  readonly inner: HTMLElement;
}

interface OpenGroup extends Group {
  /** How many more it takes. */
  left: number;
  readonly depth: number;
}
