import { findCut } from "../inline/cut.ts";
import { parseInline } from "../inline/syntax.ts";
import { add, type Inline, inlineTree } from "../inline/tree.ts";
import { type Place, patch, type SpanPainter, START } from "./patch.ts";

/** The surroundings of a text: how its spans are painted, and what its references may refer to. */
export interface InlineContext {
  readonly painter: SpanPainter;
  readonly references: Record<string, { readonly href: string; readonly title: string }>;
  isNote(label: string): boolean;
  /** Calls `parse`, and says for what it has asked that is not defined, or not yet: labels, those of notes with a `^`. */
  watch(parse: () => void): readonly string[];
  /** `text` has asked for `labels`: it is drawn again if they turn out to be something else than they were taken for. */
  unresolved(text: InlineText, labels: readonly string[]): void;
}

/** Longest text that is read again each time it grows, in UTF-16 units. What is open for longer is taken for plain text. */
const MAX_TAIL = 1000;
/** A data URL that has not come to its end. */
const OPEN_DATA_IMAGE = /!\[[^\]]*\]\(\s*<?data:[^\s)>]*$/;
/** The beginning of a paragraph that may yet be the definition of a link, and one that looks as if it were. */
const MAY_DEFINE = /^\[(?:[^\\[\]]|\\[\s\S])*(?:$|\]$|\]:\s*(?:<[^<>\n]*>?|[^\s<]\S*)?(?:\s*$|\s+["'(]))/;
const DEFINES = /^\[(?:[^\\[\]]|\\[\s\S])*\]:/;
/** What may be part of something else when more follows. */
const UNCERTAIN_END = /(?:[\s*_~`\\$]|!?\[|\[\^[^\]\s]{1,40}|&#?\w{0,32}|<[^\s<>]{0,200})+$/;
const PLAIN = /^[^\\`*_~[\]<&$@:\n]*$/;

/**
 * The text of a paragraph, a heading or a cell, drawn while it comes.
 *
 * What nothing that follows can change is drawn for good; only the end of it, mostly a few words, is read again. Where a
 * construct stays open for long, the text before its end is drawn as if it were plain, and read once more when it is complete.
 */
export class InlineText {
  readonly #context: InlineContext;
  readonly #definable: boolean;
  #node: HTMLElement;
  /** What has not been drawn for good. */
  #tail = "";
  /** Where that begins. */
  #place: Place = START;
  /** Where what has been drawn as if it were plain begins, and that text; `null` if there is none. */
  #guess: { place: Place; text: string[] } | null = null;
  /** All of the text, for it may have to be drawn again. */
  readonly #source: string[] = [];
  /** Labels that were not defined when they were asked for. */
  readonly #unresolved: string[] = [];
  /** A data URL, until its end comes. */
  #data: string[] | null = null;
  #closed = false;

  /** `definable` says that the text may begin with definitions of links, which are not shown. */
  constructor(node: HTMLElement, context: InlineContext, definable = false) {
    this.#node = node;
    this.#context = context;
    this.#definable = definable;
  }

  get empty(): boolean {
    return this.#source.length === 0;
  }

  append(text: string): void {
    this.#source.push(text);
    if (this.#data === null) this.#tail += text;
    else {
      this.#data.push(text);
      if (!/[\s)>]/.test(text)) return;
      this.#tail += this.#data.join("");
      this.#data = null;
    }
  }

  /** Goes on in `node`, with all that has been drawn. */
  moveTo(node: HTMLElement): void {
    node.append(...this.#node.childNodes);
    this.#node = node;
  }

  /** Shows all of the text, what it leaves open as what it is going to be. */
  draw(): void {
    if (this.#data !== null || this.#closed) return;
    if (this.#definable && this.#place === START && MAY_DEFINE.test(this.#tail)) {
      const text = DEFINES.test(this.#tail) ? "" : shown(this.#tail);
      patch(this.#context.painter, this.#node, this.#parse(text, true));
      return;
    }
    const { at, guessed } = this.#cut();
    const done = at === 0 ? [] : this.#parse(this.#tail.slice(0, at), false);
    const count = done.length;
    const last = done[count - 1];
    const length = typeof last === "string" ? last.length : 0;
    const rest = this.#tail.slice(at);
    if (OPEN_DATA_IMAGE.test(rest)) this.#data = [];
    for (const item of this.#parse(shown(rest), true)) add(done, item);
    const place = patch(this.#context.painter, this.#node, done, this.#place, count, length);
    if (guessed) this.#guess ??= { place: this.#place, text: [] };
    this.#guess?.text.push(this.#tail.slice(0, at));
    this.#place = place;
    this.#tail = rest;
  }

  /** Shows the text as it is: it is complete. */
  close(): void {
    this.#closed = true;
    this.#tail += this.#data?.join("") ?? "";
    const { place, text } = this.#guess ?? { place: this.#place, text: [] };
    const items = this.#parse(trimEnd(text.join("") + this.#tail), false);
    patch(this.#context.painter, this.#node, items, place);
    this.#tail = "";
    this.#guess = null;
    if (this.#unresolved.length > 0) this.#context.unresolved(this, this.#unresolved);
    else this.#source.length = 0;
  }

  /** Draws all of it again, for definitions have come that were not there before. */
  redraw(): void {
    patch(this.#context.painter, this.#node, this.#parse(trimEnd(this.#source.join("")), false));
  }

  /** How much of the tail can be drawn for good, or as good as that. */
  #cut(): { at: number; guessed: boolean } {
    const text = this.#tail;
    let cut = findCut(text);
    if (text.length - cut.at <= MAX_TAIL) return { at: cut.at, guessed: false };
    const plain = new Set<number>();
    while (text.length - cut.at > MAX_TAIL && cut.blockedBy < text.length) {
      plain.add(cut.blockedBy);
      cut = findCut(text, plain);
    }
    if (text.length - cut.at <= MAX_TAIL) return { at: cut.at, guessed: true };
    const end = text.length - 1;
    // Not inside a character of two units.
    return { at: /[\udc00-\udfff]/.test(text.charAt(end)) ? end - 1 : end, guessed: true };
  }

  #parse(text: string, live: boolean): Inline[] {
    if (text === "") return [];
    if (PLAIN.test(text) && !/www\./i.test(text)) return [text];
    const { references } = this.#context;
    let items: Inline[] = [];
    const asked = this.#context.watch(() => {
      const isNote = (label: string): boolean => this.#context.isNote(label);
      items = inlineTree(parseInline(text, { references, isNote, live }));
    });
    if (!live) this.#unresolved.push(...asked);
    return items;
  }
}

/** `text` without what may be part of something else when more follows. */
function shown(text: string): string {
  const open = OPEN_DATA_IMAGE.exec(text);
  if (open !== null) return `${text.slice(0, open.index)}${/!\[[^\]]*\]/.exec(open[0])?.[0] ?? ""}(`;
  const end = UNCERTAIN_END.exec(text);
  return end === null ? text : text.slice(0, end.index);
}

/** Other spaces than these belong to the text: https://spec.commonmark.org/0.31.2/#paragraphs */
function trimEnd(text: string): string {
  return text.replace(/[ \t\n]+$/, "");
}
