import { Actions } from "./actions.ts";
import { Body } from "./body.ts";
import { element, setText } from "./element.ts";
import { endNote } from "./end_note.ts";
import { Follow } from "./follow.ts";
import { Footer } from "./footer.ts";
import { cancelDraw, type Drawable, requestDraw } from "./frames.ts";
import type { Part } from "./part.ts";
import { announcement } from "./phase.ts";
import type { Session } from "./session.ts";
import { Sight } from "./sight.ts";
import { adoptStyle } from "./style.ts";
import { followTheme } from "./theme.ts";
import { everyTick } from "./ticks.ts";

/** The class that ipywidgets gives to a view that is made when its kernel is gone. */
const DISCONNECTED = "jupyter-widgets-disconnected";

/** One drawing of a reply. Reads the session's log, and draws in the next frame what has changed since the last. */
export class View implements Drawable {
  readonly #session: Session;
  readonly #node: HTMLElement;
  readonly #reply: HTMLElement;
  readonly #body: Body;
  readonly #note: HTMLElement;
  readonly #footer: Footer;
  readonly #actions: Actions;
  readonly #status: HTMLElement;
  readonly #follow: Follow;
  readonly #sight: Sight;
  readonly #life = new AbortController();
  readonly #changed = new Set<Part>();
  #ended = false;
  /** Something has come since the last tick: its drawing moves the clocks, too, and needs no frame more. */
  #grown = false;
  #stopTicks: (() => void) | null = null;

  constructor(el: HTMLElement, session: Session) {
    const doc = el.ownerDocument;
    const { signal } = this.#life;
    this.#session = session;
    this.#node = element(doc, "div", "qwen-nb");
    const root = this.#node.attachShadow({ mode: "open" });
    adoptStyle(root);
    followTheme(this.#node, signal);
    this.#reply = element(doc, "div", "reply");
    this.#body = new Body({
      doc,
      log: session.log,
      host: session.host,
      structured: session.about.structured,
      approve: (...answer) => session.approve(...answer),
      sounds: (playing) => session.sounds(playing),
      signal,
    });
    this.#note = element(doc, "div", "note");
    this.#status = element(doc, "div", "unseen");
    this.#status.setAttribute("role", "status");
    this.#actions = new Actions(doc, session, (raw) => this.#body.setRaw(raw), signal);
    if (session.about.raw) this.#actions.setRaw(true);
    this.#footer = new Footer(doc, session, this.#actions.node);
    this.#follow = new Follow(this.#reply);
    this.#reply.append(this.#body.node, this.#note, this.#footer.node, this.#status);
    root.append(this.#reply);
    el.append(this.#node);
    this.#sight = new Sight(this.#node, () => this.#look(), signal);

    const unsubscribe = session.log.subscribe((part) => {
      if (part !== null) this.#changed.add(part);
      this.#grown = true;
      this.request();
    });
    signal.addEventListener("abort", unsubscribe);
    for (const part of session.log.parts.values()) this.#changed.add(part);
    if (el.classList.contains(DISCONNECTED)) session.log.abandon();
    this.draw();
    this.request();
  }

  get seen(): boolean {
    return this.#sight.seen;
  }

  /** Draws in the next frame. */
  request(): void {
    requestDraw(this);
  }

  before(): void {
    this.#follow.before();
  }

  draw(): void {
    const { log } = this.#session;
    for (const part of this.#changed) this.#body.draw(part);
    this.#changed.clear();
    this.#body.tick();
    const note = log.end === null ? null : endNote(log.end);
    if (this.#ended !== (log.end !== null)) {
      this.#ended = !this.#ended;
      this.#body.redraw();
    }
    this.#note.hidden = note === null;
    this.#note.classList.toggle("bad", note?.bad === true);
    setText(this.#note, note?.text ?? "");
    this.#reply.classList.toggle("live", log.end === null);
    this.#actions.draw();
    this.#footer.draw();
    setText(this.#status, announcement(log));
    this.#tick(log.end === null);
  }

  after(): void {
    this.#body.settle();
    this.#follow.after();
  }

  /** Takes everything away. */
  dispose(): void {
    cancelDraw(this);
    this.#tick(false);
    this.#life.abort();
    this.#node.remove();
  }

  /** It has come into sight, or gone out of it. */
  #look(): void {
    if (this.seen) this.request();
    else this.#follow.lose();
  }

  /** Clocks run while the reply does. */
  #tick(run: boolean): void {
    if (run) {
      this.#stopTicks ??= everyTick(() => {
        if (this.seen && !this.#grown) this.request();
        this.#grown = false;
      });
    } else {
      this.#stopTicks?.();
      this.#stopTicks = null;
    }
  }
}
