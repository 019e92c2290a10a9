import { element } from "../../element.ts";
import { normalizeReference } from "../inline/syntax.ts";

/**
 * Footnotes: numbered in the order in which the text refers to them, and gathered at its end.
 *
 * A reference comes before its note, and so is believed to have one until the text is complete.
 */
export class Notes {
  /** The notes that have come. It stands nowhere before the first has. */
  readonly node: HTMLElement;
  readonly #doc: Document;
  readonly #list: HTMLElement;
  /** By label. */
  readonly #items = new Map<string, HTMLElement>();
  readonly #labels = new WeakMap<Element, string>();
  /** Labels in the order in which they have been referred to so far. */
  readonly #seen: string[] = [];
  #complete = false;

  constructor(doc: Document) {
    this.#doc = doc;
    this.#list = doc.createElement("ol");
    this.node = element(doc, "section", "md-notes");
    this.node.setAttribute("role", "doc-endnotes");
    this.node.setAttribute("aria-label", "Footnotes");
    this.node.append(this.#list);
  }

  /** Whether a reference to `label` is one, as far as that is known. */
  isNote(label: string): boolean {
    return !this.#complete || this.isDefined(label);
  }

  isDefined(label: string): boolean {
    return this.#items.has(normalizeReference(label));
  }

  /** The box for the text of a note. One whose label is taken is not shown. */
  define(label: string): HTMLElement {
    const item = this.#doc.createElement("li");
    const key = normalizeReference(label);
    if (this.#items.has(key)) return item;
    this.#items.set(key, item);
    this.#list.append(item);
    return item;
  }

  createReference(label: string): HTMLElement {
    const key = normalizeReference(label);
    if (!this.#seen.includes(key)) this.#seen.push(key);
    const reference = element(this.#doc, "sup", "md-note");
    this.#labels.set(reference, key);
    const link = this.#link("doc-noteref", () => this.#items.get(key));
    number(link, "Note", this.#seen.indexOf(key) + 1);
    reference.append(link);
    return reference;
  }

  /** The text is complete: what is not defined now is no note. */
  settle(): void {
    this.#complete = true;
  }

  /** Numbers the notes to which `body` refers, and shows them only, in that order. */
  finish(body: HTMLElement): void {
    const order: string[] = [];
    const visit = (part: HTMLElement): void => {
      for (const reference of this.#references(part)) {
        const label = this.#labels.get(reference) ?? "";
        if (!order.includes(label)) order.push(label);
      }
    };
    visit(body);
    // Notes may refer to notes.
    for (const label of order) visit(this.#items.get(label) as HTMLElement);
    const items = order.map((label) => this.#items.get(label) as HTMLElement);
    for (const part of [body, ...items]) {
      for (const reference of this.#references(part)) {
        number(reference.firstElementChild, "Note", order.indexOf(this.#labels.get(reference) ?? "") + 1);
      }
    }
    if (items.length === 0) this.node.remove();
    if (items.some((item, index) => this.#list.children[index] !== item)) this.#list.prepend(...items);
    while (this.#list.children.length > items.length) this.#list.lastElementChild?.remove();
    for (const [index, item] of items.entries())
      this.#addBacklink(body, item, order[index] as string, index + 1);
  }

  #references(part: HTMLElement): Element[] {
    return [...part.querySelectorAll("sup.md-note")];
  }

  #addBacklink(body: HTMLElement, item: HTMLElement, label: string, index: number): void {
    const back = this.#link("doc-backlink", () => {
      return this.#references(body).find((reference) => this.#labels.get(reference) === label);
    });
    back.textContent = "↩";
    back.setAttribute("aria-label", `Back to the text of note ${index}`);
    const last = item.lastElementChild;
    (last?.localName === "p" ? last : item).append(" ", back);
  }

  /** A link to an element. Its address would be one in the notebook, which knows nothing of it. */
  #link(role: string, target: () => Element | undefined): HTMLElement {
    const link = this.#doc.createElement("a");
    link.setAttribute("href", "#");
    link.setAttribute("role", role);
    link.addEventListener("click", (event) => {
      event.preventDefault();
      target()?.scrollIntoView({ block: "nearest" });
    });
    return link;
  }
}

function number(link: Element | null, name: string, index: number): void {
  if (link === null || link.textContent === String(index)) return;
  link.textContent = String(index);
  link.setAttribute("aria-label", `${name} ${index}`);
}
