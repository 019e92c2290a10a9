import type { InsertCode } from "../../notebook.ts";
import type { Formulas } from "./formulas.ts";
import type { Highlighter } from "./highlighter.ts";
import type { InlineContext } from "./inline_text.ts";
import type { Past } from "./past.ts";

/** Draws one leaf. */
export interface LeafView {
  /** The box that stands among the other blocks. */
  readonly node: HTMLElement;
  append(text: string): void;
  /** Shows all that has been appended. */
  draw(): void;
  /** Nothing is appended any more. */
  close(): void;
}

/** What leaves are drawn with. */
export interface Tools {
  readonly doc: Document;
  readonly context: InlineContext;
  readonly formulas: Formulas;
  readonly highlighter: Highlighter;
  readonly past: Past;
  readonly insertCode: InsertCode | undefined;
}
