import { element } from "../../element.ts";
import type { Span } from "../inline/tree.ts";
import type { Formulas } from "./formulas.ts";
import { createImage } from "./images.ts";
import { createLink, updateLink } from "./links.ts";
import type { Notes } from "./notes.ts";
import type { SpanPainter } from "./patch.ts";

/** The elements of spans. */
export class Spans implements SpanPainter {
  readonly doc: Document;
  readonly #formulas: Formulas;
  readonly #notes: Notes;

  constructor(doc: Document, formulas: Formulas, notes: Notes) {
    this.doc = doc;
    this.#formulas = formulas;
    this.#notes = notes;
  }

  create(span: Span): HTMLElement {
    if (span.link !== undefined) return createLink(this.doc, span.link);
    if (span.image !== undefined) return createImage(this.doc, span.image);
    if (span.math !== undefined) return this.#formulas.create(span.math);
    switch (span.kind) {
      case "link":
        return element(this.doc, "a", "md-unfinished");
      case "note":
        return this.#notes.createReference(span.key);
      case "unfinished":
        return element(this.doc, "span", `md-unfinished md-${span.key}`);
      case "host":
        return element(this.doc, "span", "md-host");
      default:
        return this.doc.createElement(span.kind);
    }
  }

  update(node: HTMLElement, _old: Span, span: Span): boolean {
    return span.link !== undefined && updateLink(node, span.link);
  }
}
