import { element, setText } from "../element.ts";
import type { Part } from "../part.ts";
import { escaped } from "../visible.ts";
import type { Stage } from "./section.ts";

/** What a user may say to a call that asks first. */
export type Verdict = "run" | "deny";

/** The arguments of a call. */
export type Arguments = Readonly<Record<string, unknown>>;

/** The question whether a call may run: run it, change its arguments and run it, or deny it. There until it is answered. */
export class ApprovalRow {
  readonly node: HTMLElement;
  readonly #part: Part;
  readonly #stage: Stage;
  readonly #text: () => string;
  readonly #editor: HTMLTextAreaElement;
  readonly #hint: HTMLElement;
  readonly #edit: HTMLButtonElement;
  readonly #deny: HTMLButtonElement;
  readonly #cancel: HTMLButtonElement;

  /** `text` gives the arguments as the model wrote them. */
  constructor(part: Part, text: () => string, stage: Stage) {
    const { doc, signal } = stage;
    this.#part = part;
    this.#stage = stage;
    this.#text = text;
    this.#editor = element(doc, "textarea", "editor");
    this.#editor.spellcheck = false;
    this.#editor.setAttribute("aria-label", `Arguments of ${part.name}, as JSON`);
    this.#editor.addEventListener("input", () => this.#show(true), { signal });
    this.#hint = element(doc, "span", "hint");
    const button = (label: string, act: () => void) => {
      const node = element(doc, "button", "plainly", label);
      node.type = "button";
      node.addEventListener("click", act, { signal });
      return node;
    };
    const run = button("Run", () => this.#run());
    run.classList.add("main");
    this.#edit = button("Edit", () => this.#open());
    this.#deny = button("Deny", () => this.#answer("deny"));
    this.#cancel = button("Cancel", () => {
      this.#show(false);
      this.#edit.focus();
    });
    const row = element(doc, "div", "ask");
    row.append(run, this.#edit, this.#deny, this.#cancel, this.#hint);
    this.node = element(doc, "div", "approval");
    this.node.append(this.#editor, row);
    this.#show(false);
  }

  draw(): void {
    this.node.hidden = this.#part.ended || this.#stage.log.end !== null;
  }

  #open(): void {
    this.#editor.value = pretty(this.#text());
    this.#editor.rows = Math.min(this.#editor.value.split("\n").length, 16);
    this.#show(true);
    this.#editor.focus();
  }

  /** Shows the editor, or the three buttons. */
  #show(editing: boolean): void {
    this.#editor.hidden = !editing;
    this.#cancel.hidden = !editing;
    this.#edit.hidden = editing;
    this.#deny.hidden = editing;
    this.#editor.removeAttribute("aria-invalid");
    this.#hint.classList.remove("bad");
    setText(this.#hint, editing ? "" : "asks before it runs");
  }

  #run(): void {
    if (this.#editor.hidden) {
      this.#answer("run");
      return;
    }
    const changed = parsed(this.#editor.value);
    if (changed !== null) {
      this.#answer("run", changed);
      return;
    }
    this.#editor.setAttribute("aria-invalid", "true");
    this.#hint.classList.add("bad");
    setText(this.#hint, "not a JSON object");
    this.#editor.focus();
  }

  /** The kernel ends the part when it has heard the answer; until then it can be given again. */
  #answer(verdict: Verdict, changed?: Arguments): void {
    this.#stage.approve(this.#part.id, verdict, changed);
    setText(this.#hint, verdict === "run" ? "told to run" : "told not to run");
  }
}

/** `text` as an object of JSON, or `null`. */
function parsed(text: string): Arguments | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Arguments) : null;
  } catch {
    return null;
  }
}

function pretty(text: string): string {
  const value = parsed(text);
  return escaped(value === null ? text : JSON.stringify(value, null, 2));
}
