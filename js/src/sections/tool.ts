import { element, setText } from "../element.ts";
import { duration, elapsed } from "../format.ts";
import type { Part } from "../part.ts";
import { ApprovalRow } from "./approval.ts";
import { ArgumentFields } from "./fields.ts";
import { ResultText } from "./result.ts";
import { Cursor, type Section, type Stage } from "./section.ts";

/** What has become of a call. `broken`: its arguments are not a JSON object, it is never run. `unrun`: the reply ended first. */
type CallState =
  | "assembling"
  | "broken"
  | "waiting"
  | "asking"
  | "running"
  | "done"
  | "failed"
  | "denied"
  | "unrun";

const LABELS: Readonly<Record<CallState, string>> = {
  assembling: "assembling",
  broken: "broken arguments",
  waiting: "waiting",
  asking: "waiting for you",
  running: "running",
  done: "done",
  failed: "failed",
  denied: "denied",
  unrun: "not run",
};

/** A call of a function: its name, its arguments as they assemble, and what came of it. */
export class ToolSection implements Section {
  readonly node: HTMLElement;
  readonly #call: Part | null;
  readonly #stage: Stage;
  readonly #name: HTMLElement;
  readonly #state: HTMLElement;
  #fields: ArgumentFields | null = null;
  readonly #cursor: Cursor | null = null;
  #approval: Part | null = null;
  #changed = false;
  #question: ApprovalRow | null = null;
  #answer: Part | null = null;
  #result: ResultText | null = null;

  /** `call` is `null` for a result or an approval whose call is not there. */
  constructor(call: Part | null, stage: Stage) {
    const { doc } = stage;
    this.#call = call;
    this.#stage = stage;
    this.#name = element(doc, "code", "name");
    this.#state = element(doc, "span", "state");
    const head = element(doc, "div", "head");
    head.append(this.#name, this.#state);
    this.node = element(doc, "div", "tool");
    this.node.setAttribute("role", "group");
    this.node.append(head);
    if (call === null) return;
    this.#cursor = new Cursor(call);
    this.#fields = new ArgumentFields(stage);
    this.node.append(this.#fields.node);
  }

  /** Whether `part`, a result or an approval, is of this call, which has none yet. */
  isMeantBy(part: Part): boolean {
    const has = part.kind === "result" ? this.#answer : this.#approval;
    if (this.#call === null || has !== null || this.#call.choice !== part.choice) return false;
    return part.id === "" ? this.#call.name === part.name : this.#call.id === part.id;
  }

  /** Whether it is the card of the call with this id. */
  isCall(id: string): boolean {
    return id !== "" && this.#call?.id === id;
  }

  /** The result or the approval of the call has begun. */
  attach(part: Part): void {
    if (part.kind === "result") {
      this.#answer = part;
      this.#result = new ResultText(part, this.#stage);
      this.node.append(this.#result.node);
    } else {
      this.#approval = part;
      this.#question = new ApprovalRow(part, () => this.#call?.text ?? "", this.#stage);
      this.node.append(this.#question.node);
    }
  }

  get live(): boolean {
    const state = this.#current;
    return state === "running";
  }

  draw(): void {
    const text = this.#cursor?.take() ?? "";
    if (text !== "") this.#fields?.write(text);
    if (this.#call?.reason === "broken") this.#fields?.showRaw(true);
    this.#drawChanged();
    this.#question?.draw();
    this.#result?.draw();
    const part = this.#call ?? this.#answer ?? this.#approval;
    setText(this.#name, part?.name || "function");
    this.node.setAttribute("aria-label", `Call of ${this.#name.textContent}`);
    this.tick();
  }

  tick(): void {
    const state = this.#current;
    this.node.dataset["state"] = state;
    setText(this.#state, `${LABELS[state]}${this.#time(state)}`);
  }

  settle(): void {
    this.#fields?.settle();
    this.#result?.settle();
  }

  setRaw(raw: boolean): void {
    this.#fields?.showRaw(raw || this.#call?.reason === "broken");
  }

  /** The arguments as the user changed them take the place of those that the model wrote. */
  #drawChanged(): void {
    const part = this.#approval;
    if (this.#changed || this.#fields === null || !part?.ended || part.length === 0) return;
    this.#changed = true;
    const fields = new ArgumentFields(this.#stage);
    fields.write(part.text);
    fields.node.append(element(this.#stage.doc, "div", "hint", "changed by you"));
    this.#fields.node.replaceWith(fields.node);
    this.#fields = fields;
  }

  get #current(): CallState {
    if (this.#answer?.ended)
      return (["failed", "denied"] as const).find((r) => r === this.#answer?.reason) ?? "done";
    if (this.#call && !this.#call.ended) return "assembling";
    if (this.#answer) return "running";
    if (this.#approval?.ended === false && this.#stage.log.end === null) return "asking";
    if (this.#call?.reason === "broken") return "broken";
    return this.#stage.log.end === null ? "waiting" : "unrun";
  }

  /** How long it has run, where that is known. */
  #time(state: CallState): string {
    const { startedAt = null, endedAt = null } = this.#answer ?? {};
    if (startedAt === null) return "";
    if (state === "running") return ` ${elapsed(Math.max(0, this.#stage.log.now - startedAt))}`;
    return endedAt === null ? "" : ` ${duration(endedAt - startedAt)}`;
  }
}
