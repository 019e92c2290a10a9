/**
 * Lets finished groups of blocks cost nothing while they are out of sight. They keep the height that they have: a guess would move
 * what the reader looks at.
 */
export class Past {
  #finished: HTMLElement[] = [];

  /** `group` has all its blocks. */
  add(group: HTMLElement): void {
    this.#finished.push(group);
  }

  /** Reads the layout. */
  settle(): void {
    const groups = this.#finished;
    if (groups.length === 0) return;
    this.#finished = [];
    const heights = groups.map((group) => group.offsetHeight);
    for (const [index, group] of groups.entries()) {
      const height = heights[index] ?? 0;
      if (height > 0) group.style.containIntrinsicBlockSize = `auto ${height}px`;
      group.classList.add("md-past");
    }
  }
}
