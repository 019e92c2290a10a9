import type { Batch } from "../message.ts";
import type { WidgetManager } from "../model.ts";
import { Session } from "../session.ts";
import type { Event } from "../wire.ts";
import { FakeModel } from "./fake_model.ts";

export const NOTHING: Batch = { seq: 0, at: 0, deltas: 0, events: [] };

const open = new Set<Page>();

/** Ends all pages of a test. */
export function closePages(): void {
  for (const page of open) page.close();
}

/** A page that shows one reply. */
export class Page {
  readonly model: FakeModel;
  readonly code = new FakeModel({});
  readonly session: Session;
  /** What was sent when the page opened. */
  readonly greeting: readonly unknown[];
  #el = document.createElement("div");
  #drop: () => void;
  #seq: number;

  constructor(
    options: { snapshot?: Batch; recorded?: boolean; structured?: boolean; manager?: WidgetManager } = {},
  ) {
    const snapshot = options.snapshot ?? NOTHING;
    const about = {
      number: 7,
      model: "qwen",
      source: "test",
      recorded: options.recorded ?? false,
      structured: options.structured ?? false,
    };
    this.#seq = snapshot.seq;
    this.model = new FakeModel({ snapshot, about, last_seq: 0 }, options.manager);
    this.session = new Session(
      this.model,
      { load: () => Promise.reject(new Error("not here")) },
      [],
      this.code,
    );
    this.greeting = this.model.sent.splice(0);
    document.body.append(this.#el);
    this.#drop = this.session.render(this.#el);
    open.add(this);
  }

  /** The front end forgets the reply. */
  close(): void {
    open.delete(this);
    this.session.dispose();
    this.#el.remove();
  }

  /** Takes the view away. */
  drop(): void {
    this.#drop();
    this.#el.remove();
  }

  /** Makes a view; the methods below look at this one. */
  show(): void {
    this.#el = document.createElement("div");
    document.body.append(this.#el);
    this.#drop = this.session.render(this.#el);
  }

  /** The root of the view. */
  get reply(): HTMLElement {
    const reply = this.#el.firstElementChild?.shadowRoot?.querySelector<HTMLElement>(".reply");
    if (!reply) throw new Error("there is no view");
    return reply;
  }

  /** The one element of the view that matches. */
  find<Found extends HTMLElement = HTMLElement>(selector: string): Found {
    const found = [...this.reply.querySelectorAll<Found>(selector)];
    if (found.length !== 1) throw new Error(`${found.length} elements match ${selector}`);
    return found[0] as Found;
  }

  /** The texts of what matches, as far as they are shown. */
  texts(selector: string): (string | null)[] {
    const found = [...this.reply.querySelectorAll<HTMLElement>(selector)];
    return found.filter((node) => !node.closest("[hidden]")).map(shownText);
  }

  /** The next batch arrives, sent `at` seconds after the request. */
  batch(at: number, ...events: Event[]): void {
    this.#seq += 1;
    this.session.receive({ seq: this.#seq, at, deltas: this.#seq, events });
  }
}

function shownText(node: HTMLElement): string | null {
  const copy = node.cloneNode(true) as HTMLElement;
  for (const hidden of copy.querySelectorAll("[hidden]")) hidden.remove();
  return copy.textContent;
}
