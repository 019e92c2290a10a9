import { copyText } from "./clipboard.ts";
import { element, setText } from "./element.ts";
import { canContinue } from "./end_note.ts";
import { handFocus } from "./focus.ts";
import { type Part, REJECTED } from "./part.ts";
import { say } from "./said.ts";
import type { Session } from "./session.ts";

/** What a reader can do with a reply: stop it, copy it, see it as it came. */
export class Actions {
  readonly node: HTMLElement;
  readonly #session: Session;
  readonly #setRaw: (raw: boolean) => void;
  readonly #help: HTMLElement;
  readonly #stop: HTMLButtonElement;
  readonly #continue: HTMLButtonElement;
  readonly #copy: HTMLButtonElement;
  readonly #raw: HTMLButtonElement;

  /** `setRaw` shows texts as they came, or drawn. */
  constructor(doc: Document, session: Session, setRaw: (raw: boolean) => void, signal: AbortSignal) {
    this.#session = session;
    this.node = element(doc, "span", "actions");
    this.#help = element(doc, "span", "help", "Press the notebook’s own stop button.");
    const button = (text: string, title: string, act: () => void) => {
      const node = element(doc, "button", "", text);
      node.type = "button";
      node.title = title;
      node.addEventListener("click", act, { signal });
      return node;
    };
    this.#setRaw = setRaw;
    this.#raw = button("Raw", "Show the text as it came", () => {
      this.setRaw(this.#raw.getAttribute("aria-pressed") !== "true");
    });
    this.#raw.setAttribute("aria-pressed", "false");
    this.#copy = button("Copy", "Copy the answer as Markdown", () => void this.#copyAnswer(doc, signal));
    this.#stop = button("Stop", "Stop this reply", () => session.stop.request());
    this.#stop.classList.add("stop", "plainly");
    this.#stop.setAttribute("aria-disabled", "false");
    this.#continue = button("Continue", "Ask for the rest of this reply", () => {
      handFocus(this.#continue, this.node);
      this.#continue.disabled = true;
      session.resume();
    });
    this.#continue.classList.add("plainly");
    this.node.append(this.#help, this.#raw, this.#copy, this.#continue, this.#stop);
  }

  /** Shows texts as they came, or drawn. */
  setRaw(raw: boolean): void {
    this.#raw.setAttribute("aria-pressed", String(raw));
    this.#setRaw(raw);
  }

  draw(): void {
    const { log, stop } = this.#session;
    const live = log.end === null;
    const stoppable = live && stop.state !== "unable";
    if (!stoppable) handFocus(this.#stop, this.node);
    this.#stop.hidden = !stoppable;
    // Not `disabled`, which would drop the focus.
    const stopping = String(stop.state !== "idle");
    if (this.#stop.getAttribute("aria-disabled") !== stopping)
      this.#stop.setAttribute("aria-disabled", stopping);
    setText(this.#stop, stop.state === "idle" ? "Stop" : "Stopping…");
    this.#continue.hidden = !canContinue(log);
    if (live) this.#continue.disabled = false;
    this.#help.hidden = !live || stop.state !== "unable";
    const texts = this.#texts;
    this.#raw.hidden = texts.length === 0;
    this.#copy.hidden = !texts.some(isAnswer);
  }

  get #texts(): Part[] {
    return [...this.#session.log.parts.values()].filter((part) => part.kind === "text" && part.length > 0);
  }

  async #copyAnswer(doc: Document, signal: AbortSignal): Promise<void> {
    const answers = this.#texts.filter(isAnswer).map((part) => part.text);
    const done = await copyText(doc, answers.join("\n\n"));
    if (signal.aborted) return;
    const timer = say(this.#copy, done ? "Copied" : "Not copied", "Copy");
    signal.addEventListener("abort", () => clearTimeout(timer));
  }
}

/** Whether a text is what the model answers, or a part of that: not what the schema did not admit. */
const isAnswer = (text: Part): boolean => text.name !== REJECTED;
