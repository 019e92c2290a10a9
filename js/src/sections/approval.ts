import { element, setText } from "../element.ts";
import { handFocus } from "../focus.ts";
import { inLines } from "../json_lines.ts";
import type { Part } from "../part.ts";
import { escaped } from "../visible.ts";
import type { Stage } from "./section.ts";

/** What a user may say to a call that asks first. */
export type Verdict = "run" | "deny";

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
  /** What stood in the editor when it was opened. */
  #opened = "";

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
    const over = this.#part.ended || this.#stage.log.end !== null;
    if (over && this.node.parentElement) handFocus(this.node, this.node.parentElement);
    this.node.hidden = over;
  }

  #open(): void {
    this.#editor.value = escaped(inLines(this.#text()));
    this.#opened = this.#editor.value;
    this.#editor.rows = Math.min(this.#opened.split("\n").length, 16);
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
    const { value } = this.#editor;
    if (this.#editor.hidden || value === this.#opened) this.#answer("run");
    else if (isObject(value)) this.#answer("run", value);
    else {
      this.#editor.setAttribute("aria-invalid", "true");
      this.#hint.classList.add("bad");
      setText(this.#hint, "not a JSON object");
      this.#editor.focus();
    }
  }

  /** The kernel ends the part when it has heard the answer; until then it can be given again. */
  #answer(verdict: Verdict, changed?: string): void {
    this.#stage.approve(this.#part.id, verdict, changed);
    setText(this.#hint, verdict === "run" ? "told to run" : "told not to run");
  }
}

/** Whether `text` is an object of JSON. What it says is for the kernel to read, whose numbers are not JavaScript's. */
function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
