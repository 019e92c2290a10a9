import { watchKernel } from "./kernel.ts";
import { Log } from "./log.ts";
import type { Model } from "./model.ts";
import { codeInserter } from "./notebook.ts";
import type { Part } from "./part.ts";
import { Presence } from "./presence.ts";
import { Rate } from "./rate.ts";
import { releaseModel } from "./release.ts";
import type { RendererHost } from "./renderer.ts";
import type { Verdict } from "./sections/approval.ts";
import { Shared } from "./shared.ts";
import { Stop } from "./stop.ts";
import { hostOf } from "./theme.ts";
import { View } from "./view.ts";

/**
 * Milliseconds without a word after which a page asks whether there was one. anywidget gives a widget up whose code it could not
 * run within two seconds, as in a page that makes a hundred of them: it drops all that comes for it, and says nothing.
 */
const PATIENCE = 3_000;

/** What the kernel says of a reply when it starts. */
export interface About {
  /** The reply among those of its kernel. */
  readonly number: number;
  /** The model that was asked for. */
  readonly model: string;
  /** The endpoint's name. */
  readonly source: string;
  /** Nobody answers: a recording is played. */
  readonly recorded: boolean;
  /** Texts are shown as they come, not as Markdown. */
  readonly raw: boolean;
  /** Texts are JSON that follows a schema. */
  readonly structured: boolean;
}

/** One reply in the page: its log, what the user may ask of it, and any number of views. */
export class Session {
  readonly log: Log;
  readonly stop: Stop;
  readonly rate = new Rate();
  readonly host: RendererHost;
  readonly #model: Model;
  readonly #presence: Presence;
  readonly #views = new Set<View>();
  readonly #listeners: readonly [name: string, listener: (value?: never) => void][];
  readonly #unwatch: () => void;
  readonly #shared: Shared;
  #patience: ReturnType<typeof setTimeout> | undefined;
  #ended = false;

  /** `inbox`: messages that came before the code did; `code`: the one code model. */
  constructor(model: Model, host: RendererHost, inbox: readonly unknown[], code: Model) {
    this.#model = model;
    this.host = { ...host, insertCode: codeInserter(model.widget_manager?.context) };
    this.log = new Log((seq, again) => model.send({ type: "pull", seq, ...(again && { again }) }));
    this.log.subscribe((part) => this.#hear(part));
    this.#presence = new Presence(() => {
      if (this.#views.size > 0) model.send({ type: "here" });
    });
    this.stop = new Stop(
      () => model.send({ type: "stop" }),
      () => model.widget_manager?.kernel?.interrupt?.(),
      () => this.#redraw(),
    );
    this.#unwatch = watchKernel(model.widget_manager?.kernel, () => this.log.abandon());
    const restore = () => this.log.restore(model.get("snapshot"));
    const expect = () => this.log.expect(model.get("last_seq"));
    this.#listeners = [
      ["change:snapshot", restore],
      ["change:last_seq", expect],
      ["change:about", () => this.#redraw()],
      ["destroy", releaseModel],
    ];
    for (const [name, listener] of this.#listeners) model.on(name, listener);
    restore();
    for (const message of inbox) this.receive(message);
    expect();
    this.#shared = new Shared(code, this.about.number, this.log);
    if (this.log.end !== null) return;
    model.send({ type: "listening", host: hostOf(document) });
    this.#patience = setTimeout(() => this.log.expect(1), PATIENCE);
  }

  get about(): About {
    const about = (this.#model.get("about") ?? {}) as Partial<About>;
    return {
      number: about.number ?? 0,
      model: about.model ?? "",
      source: about.source ?? "",
      recorded: about.recorded === true,
      raw: about.raw === true,
      structured: about.structured === true,
    };
  }

  /** Takes a custom message from the kernel: a batch, of which there are so many that it does not say so. */
  receive(message: unknown): void {
    if ((message as { type?: unknown } | null)?.type === "stopping") this.stop.seen();
    else this.log.receive(message);
  }

  /** Tells the kernel what the user says to the call `id`, which asks before it runs. */
  approve(id: string, verdict: Verdict, changed?: string): void {
    this.#model.send({ type: "approval", id, verdict, ...(changed && { arguments: changed }) });
  }

  /** Tells the kernel that speech is heard now, or no more: plain output would end it. */
  sounds(playing: boolean): void {
    this.#model.send({ type: playing ? "playing" : "played" });
  }

  /** Asks for the rest of a reply that was cut off. */
  resume(): void {
    this.#model.send({ type: "continue" });
  }

  /** Shows the reply in `el`. The returned function takes it away, and all that it opened. */
  render(el: HTMLElement): () => void {
    const view = new View(el, this);
    this.#views.add(view);
    this.#presence.greet();
    return () => {
      this.#views.delete(view);
      view.dispose();
    };
  }

  dispose(): void {
    for (const [name, listener] of this.#listeners) this.#model.off(name, listener);
    this.#unwatch();
    this.#shared.dispose();
    clearTimeout(this.#patience);
    for (const view of this.#views) view.dispose();
    this.#views.clear();
    this.stop.dispose();
    this.#presence.dispose();
    this.log.dispose();
  }

  #hear(part: Part | null): void {
    clearTimeout(this.#patience);
    if (part === null) {
      this.rate.add(this.log.now, this.log.deltas);
      if (this.log.end === null) {
        if (this.#ended) this.stop.rearm();
        this.#ended = false;
        return;
      }
      this.#ended = true;
      // An interrupt would now hit whatever the kernel does next.
      this.stop.dispose();
      this.#presence.dispose();
    } else if (part.kind === "approval") {
      this.#presence.update(part, !part.ended);
    }
  }

  #redraw(): void {
    for (const view of this.#views) view.request();
  }
}
