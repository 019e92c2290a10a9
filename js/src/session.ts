import { watchKernel } from "./kernel.ts";
import { Log } from "./log.ts";
import type { Model } from "./model.ts";
import { codeInserter } from "./notebook.ts";
import type { Part } from "./part.ts";
import { Presence } from "./presence.ts";
import { Rate } from "./rate.ts";
import type { RendererHost } from "./renderer.ts";
import type { Arguments, Verdict } from "./sections/approval.ts";
import { Stop } from "./stop.ts";
import { View } from "./view.ts";

/** What the kernel says of a reply when it starts. */
export interface About {
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
  readonly #listeners: readonly [name: string, listener: () => void][];
  readonly #unwatch: () => void;
  #ended = false;

  /** `inbox`: messages that came before the code did. */
  constructor(model: Model, host: RendererHost, inbox: readonly unknown[]) {
    this.#model = model;
    this.host = { ...host, insertCode: codeInserter(model.widget_manager?.context) };
    this.log = new Log((seq) => model.send({ type: "pull", seq }));
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
    ];
    for (const [name, listener] of this.#listeners) model.on(name, listener);
    restore();
    for (const message of inbox) this.receive(message);
    expect();
  }

  get about(): About {
    const about = (this.#model.get("about") ?? {}) as Partial<About>;
    return {
      model: about.model ?? "",
      source: about.source ?? "",
      recorded: about.recorded === true,
      raw: about.raw === true,
      structured: about.structured === true,
    };
  }

  /** Takes a custom message from the kernel. */
  receive(message: unknown): void {
    const type = (message as { type?: unknown } | null)?.type;
    if (type === "batch") this.log.receive(message);
    else if (type === "stopping") this.stop.seen();
  }

  /** Tells the kernel what the user says to the call `id`, which asks before it runs. */
  approve(id: string, verdict: Verdict, changed?: Arguments): void {
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
    for (const view of this.#views) view.dispose();
    this.#views.clear();
    this.stop.dispose();
    this.#presence.dispose();
    this.log.dispose();
  }

  #hear(part: Part | null): void {
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
