/** Draws one cell. */
export interface Cell {
  append(text: string): void;
  close(): void;
}

/**
 * Finds the cells of one row of a table while it comes: https://github.github.com/gfm/#tables-extension-
 *
 * A `|` that has no backslash before it ends a cell. One at the beginning of the row, and one at its end, are no cells.
 */
export class Row {
  readonly #cellAt: (index: number) => Cell | null;
  #index = 0;
  #cell: Cell | null = null;
  #started = false;
  #begun = false;
  /** A backslash that waits for what it escapes. */
  #held = "";

  /** `cellAt` is asked for one cell after the other, and says `null` for those that are not drawn. */
  constructor(cellAt: (index: number) => Cell | null) {
    this.#cellAt = cellAt;
  }

  /** How many cells there have been. */
  get count(): number {
    return this.#index + (this.#begun ? 1 : 0);
  }

  append(text: string): void {
    let all = this.#held + text;
    this.#held = all.endsWith("\\") ? "\\" : "";
    if (this.#held !== "") all = all.slice(0, -1);
    if (all === "") return;
    let from = !this.#started && all.startsWith("|") ? 1 : 0;
    this.#started = true;
    for (let pipe = all.indexOf("|", from); pipe >= 0; pipe = all.indexOf("|", pipe + 1)) {
      if (all[pipe - 1] === "\\") {
        this.#tell(all.slice(from, pipe - 1));
        from = pipe;
        continue;
      }
      this.#tell(all.slice(from, pipe));
      this.#endCell();
      from = pipe + 1;
    }
    this.#tell(all.slice(from));
  }

  end(): void {
    this.#tell(this.#held);
    this.#cell?.close();
    this.#cell = null;
  }

  #tell(text: string): void {
    const shown = this.#begun ? text : text.replace(/^[ \t]+/, "");
    if (shown === "") return;
    if (!this.#begun) this.#cell = this.#cellAt(this.#index);
    this.#begun = true;
    this.#cell?.append(shown);
  }

  #endCell(): void {
    if (!this.#begun) this.#cell = this.#cellAt(this.#index);
    this.#cell?.close();
    this.#cell = null;
    this.#begun = false;
    this.#index++;
  }
}

/** How many cells a whole row has. */
export function countCells(text: string): number {
  const row = new Row(() => null);
  row.append(text);
  row.end();
  return row.count;
}
