import { element } from "../element.ts";
import type { Renderer, RendererFactory, RendererHost } from "../renderer.ts";
import { BlockParser } from "./blocks/parser.ts";
import { SourceLines } from "./blocks/source_lines.ts";
import { Formulas } from "./drawing/formulas.ts";
import { Highlighter } from "./drawing/highlighter.ts";
import { Notes } from "./drawing/notes.ts";
import { Past } from "./drawing/past.ts";
import { References } from "./drawing/references.ts";
import { Spans } from "./drawing/spans.ts";
import { Tree } from "./drawing/tree.ts";

/** Draws Markdown while it comes: `append` costs what is appended, not what is there. */
export class MarkdownRenderer implements Renderer {
  readonly node: HTMLElement;
  readonly #body: HTMLElement;
  readonly #lines = new SourceLines();
  readonly #parser: BlockParser;
  readonly #tree: Tree;
  readonly #past = new Past();
  readonly #notes: Notes;
  readonly #references: References;

  constructor(doc: Document, host: RendererHost) {
    this.node = element(doc, "div", "md");
    this.#body = element(doc, "div", "md-body");
    this.node.append(this.#body);
    this.#notes = new Notes(doc);
    const formulas = new Formulas(doc, host);
    this.#references = new References(new Spans(doc, formulas, this.#notes), this.#notes);
    const highlighter = new Highlighter(doc, host);
    const { insertCode } = host;
    const tools = { doc, context: this.#references, formulas, highlighter, past: this.#past, insertCode };
    this.#tree = new Tree(this.#body, tools, this.#notes, (definition) =>
      this.#references.define(definition),
    );
    this.#parser = new BlockParser(this.#tree);
  }

  append(text: string): void {
    this.#parser.append(this.#lines.take(text));
    this.#tree.draw();
  }

  settle(): void {
    this.#past.settle();
  }

  end(): void {
    this.#parser.append(this.#lines.end());
    this.#parser.end();
    this.#tree.end();
    this.#notes.settle();
    this.#references.settle();
    this.#notes.finish(this.#body);
  }
}

export const markdownRenderer: RendererFactory = (doc, host) => new MarkdownRenderer(doc, host);
