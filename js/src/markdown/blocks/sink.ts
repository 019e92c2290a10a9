import type { Align, Opening } from "./block.ts";
import type { Definition } from "./definitions.ts";

/** Is told what a text is made of, from its beginning to its end. "The block" is the innermost that is open. */
export interface BlockSink {
  /** A block begins inside the block. */
  open(opening: Opening): void;
  /** The text of the block goes on. Lines of code end with a newline; those of a paragraph have one between them. */
  text(text: string): void;
  /** The row of the block, a table, is complete. */
  endRow(): void;
  /** The block, a paragraph, is a heading. */
  becomeHeading(level: number): void;
  /** The last line of the block, a paragraph, is the header of a table, which is the block from now on. */
  becomeTable(linesBefore: string, header: string, aligns: readonly Align[]): void;
  /** The block, a formula, is a paragraph with this text. */
  becomeParagraph(text: string): void;
  /** The block, a paragraph, began with definitions; `rest` is what is left of it. */
  define(definitions: readonly Definition[], rest: string): void;
  /** The block, a formula, has this source; it may lack its end. */
  formula(source: string, ended: boolean): void;
  /** The list that is the `depth`-th open block has become loose. */
  loosen(depth: number): void;
  /** The block is complete. */
  close(): void;
}
