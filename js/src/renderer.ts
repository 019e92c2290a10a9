import type { InsertCode } from "./notebook.ts";

/** Draws one growing text. Appends only; what is drawn is never drawn again. */
export interface Renderer {
  readonly node: HTMLElement;
  /** The text grows by `text`; it may be cut anywhere, a surrogate pair included. */
  append(text: string): void;
  /** Called when the page has been drawn; the layout may be read. */
  settle?(): void;
  /** The text is complete. Nothing is appended after it. */
  end(): void;
}

/** What a renderer may ask of the page around it. */
export interface RendererHost {
  /** The exports of code that is loaded when first needed; rejects if it cannot be loaded. */
  load(bundle: Bundle): Promise<unknown>;
  /** Absent where there are no cells. */
  readonly insertCode?: InsertCode | undefined;
}

export type Bundle = "math" | "highlight";

export type RendererFactory = (doc: Document, host: RendererHost) => Renderer;

/** The text as it is: one text node that grows. */
export class PlainRenderer implements Renderer {
  readonly node: HTMLElement;
  readonly #text: Text;

  constructor(doc: Document) {
    this.node = doc.createElement("div");
    this.node.className = "plain";
    this.node.dir = "auto";
    this.#text = doc.createTextNode("");
    this.node.append(this.#text);
  }

  append(text: string): void {
    this.#text.appendData(text);
  }

  end(): void {}
}

export const plainRenderer: RendererFactory = (doc) => new PlainRenderer(doc);
