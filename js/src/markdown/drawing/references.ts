import type { Definition } from "../blocks/definitions.ts";
import type { InlineContext, InlineText } from "./inline_text.ts";
import type { Notes } from "./notes.ts";
import type { SpanPainter } from "./patch.ts";

type Target = { readonly href: string; readonly title: string };

/** What the references in a text refer to: definitions and notes, which may come after they are used. */
export class References implements InlineContext {
  readonly painter: SpanPainter;
  readonly references: Record<string, Target>;
  readonly #notes: Notes;
  readonly #targets = new Map<string, Target>();
  readonly #unresolved: { readonly text: InlineText; readonly labels: readonly string[] }[] = [];
  #asked: string[] = [];

  constructor(painter: SpanPainter, notes: Notes) {
    this.painter = painter;
    this.#notes = notes;
    this.references = new Proxy<Record<string, Target>>(
      {},
      {
        get: (_, label) => {
          const target = this.#targets.get(String(label));
          if (target === undefined) this.#asked.push(String(label));
          return target;
        },
      },
    );
  }

  /** The first of several definitions with one label counts. */
  define({ label, href, title }: Definition): void {
    if (!this.#targets.has(label)) this.#targets.set(label, { href, title });
  }

  isNote(label: string): boolean {
    if (!this.#notes.isDefined(label)) this.#asked.push(`^${label}`);
    return this.#notes.isNote(label);
  }

  watch(parse: () => void): readonly string[] {
    this.#asked = [];
    parse();
    return this.#asked;
  }

  unresolved(text: InlineText, labels: readonly string[]): void {
    this.#unresolved.push({ text, labels });
  }

  /** All definitions are there: draws the texts again that were drawn without one, or with a note that there is not. */
  settle(): void {
    const isOther = (label: string): boolean =>
      label.startsWith("^") ? !this.#notes.isDefined(label.slice(1)) : this.#targets.has(label);
    for (const { text, labels } of this.#unresolved) if (labels.some(isOther)) text.redraw();
  }
}
