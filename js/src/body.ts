import { element } from "./element.ts";
import { markdownRenderer } from "./markdown/index.ts";
import type { Part } from "./part.ts";
import { plainRenderer } from "./renderer.ts";
import { AnswerSection } from "./sections/answer.ts";
import { AudioSection } from "./sections/audio.ts";
import { ImageSection } from "./sections/image.ts";
import { NoticeSection } from "./sections/notice.ts";
import { RawSection } from "./sections/raw.ts";
import { ReasoningSection } from "./sections/reasoning.ts";
import type { Section, Stage } from "./sections/section.ts";
import { StructuredSection } from "./sections/structured.ts";
import { ToolSection } from "./sections/tool.ts";

/** A section, and what it was made for: it is made anew when that changes. */
interface Placed {
  readonly section: Section;
  readonly kind: Part["kind"];
  readonly choice: number;
  readonly openings: number;
}

/** The sections of a reply, in the order in which their parts appeared, the choices of one request apart. */
export class Body {
  readonly node: HTMLElement;
  readonly #stage: Stage;
  readonly #placed = new Map<Part, Placed>();
  readonly #sections = new Set<Section>();
  readonly #choices = new Map<number, HTMLElement>();
  /** The section that came last, of each choice. */
  readonly #last = new Map<number, Section>();
  readonly #drawn = new Set<Section>();
  #raw = false;

  constructor(stage: Stage) {
    this.#stage = stage;
    this.node = element(stage.doc, "div", "body");
  }

  /** Draws what is new of `part`. */
  draw(part: Part): void {
    const placed = this.#placed.get(part);
    const same =
      placed?.kind === part.kind && placed.choice === part.choice && placed.openings === part.openings;
    try {
      const section = same ? placed.section : this.#place(part, placed);
      section.draw();
      this.#drawn.add(section);
    } catch (error) {
      this.#giveUp(error, part);
    }
  }

  /** Draws every section: the stream has ended and none waits for more, or it goes on after all. */
  redraw(): void {
    this.#each(this.#sections, (section) => section.draw());
  }

  tick(): void {
    this.#each(this.#sections, (section) => section.live && section.tick?.());
  }

  /** Reads the layout of what has been drawn since the last call. */
  settle(): void {
    this.#each(this.#drawn, (section) => section.settle?.());
    this.#drawn.clear();
  }

  setRaw(raw: boolean): void {
    this.#raw = raw;
    this.#each(this.#sections, (section) => section.setRaw?.(raw));
  }

  /** Does something with each section. One that fails must not take the others with it. */
  #each(sections: Iterable<Section>, step: (section: Section) => unknown): void {
    for (const section of [...sections]) {
      try {
        step(section);
      } catch (error) {
        this.#giveUp(error, this.#partsOf(section)[0]);
      }
    }
  }

  /** Shows parts whose section fails as they came. The error still reaches the console. */
  #giveUp(error: unknown, part?: Part): void {
    reportError(error);
    if (part === undefined) return;
    const before = this.#placed.get(part);
    const parts = new Set([...this.#partsOf(before?.section), part]);
    const section = new RawSection([...parts], this.#stage);
    for (const each of parts) this.#assign(each, section);
    this.#insert(section, part, before);
    // Pictures stand in the card of a call, and have sections of their own.
    section.node.append(...(before?.section.node.querySelectorAll(".picture") ?? []));
    section.draw();
  }

  /** The parts that a section draws: a call, the question whether it may run, its result. */
  #partsOf(section: Section | undefined): Part[] {
    return [...this.#placed].filter(([, placed]) => placed.section === section).map(([part]) => part);
  }

  #place(part: Part, before: Placed | undefined): Section {
    const call = this.#callOf(part);
    call?.attach(part);
    const section = call ?? this.#create(part);
    this.#assign(part, section);
    if (call === undefined) this.#insert(section, part, before);
    return section;
  }

  #assign(part: Part, section: Section): void {
    const { kind, choice, openings } = part;
    this.#placed.set(part, { section, kind, choice, openings });
  }

  /** Puts a new section where its part belongs: in the place of the one that it had, else at the end of its choice. */
  #insert(section: Section, part: Part, before: Placed | undefined): void {
    const { choice, kind } = part;
    this.#sections.add(section);
    if (this.#raw) section.setRaw?.(true);
    if (before !== undefined) this.#sections.delete(before.section);
    if (before?.choice === choice) {
      before.section.node.replaceWith(section.node);
      if (this.#last.get(choice) === before.section) this.#last.set(choice, section);
      else section.succeeded?.();
      return;
    }
    before?.section.node.remove();
    this.#homeOf(part).append(section.node);
    if (kind === "notice" || kind === "image") return;
    const last = this.#last.get(choice);
    this.#last.set(choice, section);
    if (last !== undefined) this.#each([last], (each) => each.succeeded?.());
  }

  #create(part: Part): Section {
    const stage = this.#stage;
    switch (part.kind) {
      case "text":
        if (stage.structured) return new StructuredSection(part, stage);
        return new AnswerSection(part, stage, markdownRenderer);
      case "refusal":
        return new AnswerSection(part, stage, plainRenderer);
      case "reasoning":
        return new ReasoningSection(part, stage);
      case "tool":
        return new ToolSection(part, stage);
      case "approval":
      case "result": {
        const section = new ToolSection(null, stage);
        section.attach(part);
        return section;
      }
      case "audio":
        return new AudioSection(part, stage);
      case "image":
        return new ImageSection(part, stage);
      case "notice":
        return new NoticeSection(part, stage);
      default:
        return part.kind satisfies never;
    }
  }

  /** The call whose result or approval `part` is, if it is one. */
  #callOf(part: Part): ToolSection | undefined {
    if (part.kind !== "result" && part.kind !== "approval") return undefined;
    for (const section of this.#sections) {
      if (section instanceof ToolSection && section.isMeantBy(part)) return section;
    }
    return undefined;
  }

  /** A picture stands in the card of the call that returned it. */
  #homeOf(part: Part): HTMLElement {
    const sections = part.kind === "image" ? [...this.#sections].reverse() : [];
    const call = sections.find((section) => section instanceof ToolSection && section.isCall(part.id));
    return call?.node ?? this.#choice(part.choice);
  }

  /** Where the sections of a choice stand; all but the first say which it is. */
  #choice(choice: number): HTMLElement {
    let node = this.#choices.get(choice);
    if (node === undefined) {
      const { doc } = this.#stage;
      node = element(doc, "div", "choice");
      if (choice > 0) node.append(element(doc, "div", "heading", `choice ${choice + 1}`));
      this.#choices.set(choice, node);
      const after = [...this.#choices.entries()]
        .filter(([other]) => other > choice)
        .sort(([a], [b]) => a - b)[0];
      this.node.insertBefore(node, after?.[1] ?? null);
    }
    return node;
  }
}
