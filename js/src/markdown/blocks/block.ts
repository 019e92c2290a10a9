import type { LeafText } from "./leaf_text.ts";

/** How a block begins: what it is, and all that its first line says of it. */
export type Opening = Container | Leaf;

/** A block that holds blocks. */
export type Container =
  | { readonly kind: "quote" }
  | ListOpening
  | {
      readonly kind: "item";
      /** Columns by which its content is indented, from those of the list. */
      readonly width: number;
    }
  | { readonly kind: "note"; readonly label: string };

export interface ListOpening {
  readonly kind: "list";
  /** `-`, `+`, `*`, `.` or `)`: a change of it begins another list. */
  readonly marker: string;
  /** Number of the first item; `null` for bullets. */
  readonly start: number | null;
}

/** A block that holds text. */
export type Leaf =
  | { readonly kind: "paragraph" }
  | { readonly kind: "heading"; readonly level: number }
  | { readonly kind: "rule" }
  | { readonly kind: "code" }
  | FenceOpening
  | MathOpening
  | TableOpening;

export interface FenceOpening {
  readonly kind: "fence";
  readonly marker: "`" | "~";
  readonly length: number;
  /** Columns by which the fence is indented; as many are taken from its lines. */
  readonly indent: number;
  readonly info: string;
}

export interface MathOpening {
  readonly kind: "math";
  readonly open: "$$" | "\\[";
  readonly close: "$$" | "\\]";
}

export type Align = "left" | "center" | "right" | null;

export interface TableOpening {
  readonly kind: "table";
  readonly aligns: readonly Align[];
}

/** A block that has begun and not ended. */
export interface Block {
  readonly opening: Opening | { readonly kind: "root" };
  /** `null` for a container. */
  readonly text: LeafText | null;
  /** Number of the last line that belongs to it. */
  end: number;
  children: number;
  /** `end` of the last child that has ended. A blank line after that makes a list loose. */
  childEnd: number;
  /** A list with blank lines between its items, or between the blocks of one of them. */
  loose: boolean;
}
