import { element, setText } from "./element.ts";
import { duration, elapsed, integer, rate } from "./format.ts";
import type { Log } from "./log.ts";
import { phase, waits } from "./phase.ts";
import type { Session } from "./session.ts";
import { Sparkline } from "./sparkline.ts";
import type { StreamEnd } from "./wire.ts";

/** Seconds between two looks at the pace: a number that changes in every frame cannot be read. */
const STEP = 0.4;

/** The status line: what the reply is at, of which model, how fast, and what it cost. */
export class Footer {
  readonly node: HTMLElement;
  readonly #session: Session;
  readonly #badge: HTMLElement;
  readonly #phase: HTMLElement;
  readonly #model: HTMLElement;
  readonly #first: HTMLElement;
  readonly #rate: HTMLElement;
  readonly #usage: HTMLElement;
  readonly #spark: Sparkline;
  /** When the pace is looked at next. */
  #next = 0;

  constructor(doc: Document, session: Session, actions: HTMLElement) {
    this.#session = session;
    this.node = element(doc, "div", "footer");
    const item = (className: string) => {
      const node = element(doc, "span", className);
      this.node.append(node);
      return node;
    };
    this.#badge = item("badge");
    this.#phase = item("phase");
    this.#model = item("model");
    this.#first = item("first");
    this.#rate = item("rate");
    this.#spark = new Sparkline(doc);
    this.node.append(this.#spark.node);
    this.#usage = item("usage");
    this.node.append(actions);
  }

  draw(): void {
    const { about, log } = this.#session;
    const { end } = log;
    this.#show(this.#badge, about.recorded ? "recorded: no model is running" : "");
    this.#show(this.#model, end?.model || about.model);
    this.#show(this.#usage, end === null ? "" : usage(end));
    const first = end?.first_token ?? firstPart(log);
    this.#show(this.#first, first === null ? "" : `first token ${duration(first)}`);
    this.#tick();
  }

  /** What moves with time. */
  #tick(): void {
    const { log } = this.#session;
    const { end, now } = log;
    this.#phase.classList.toggle("waits", waits(log));
    if (end === null) {
      this.#show(this.#phase, `${phase(log)} ${elapsed(now)}`);
      if (!this.#spark.node.parentNode) this.#usage.before(this.#spark.node);
      if (now < this.#next) return;
      const pace = this.#session.rate.at(now);
      this.#show(this.#rate, pace === null ? "" : `~${rate(pace)} tok/s`);
      if (pace === null) return;
      this.#next = now + STEP;
      this.#spark.add(pace);
      return;
    }
    this.#spark.node.remove();
    const time = end.at == null ? "" : duration(end.at);
    const plain = end.status === "complete" && time !== "";
    this.#show(this.#phase, plain ? time : `${phase(log)}${time && ` after ${time}`}`);
    this.#show(this.#rate, pace(end, log.deltas));
  }

  #show(node: HTMLElement, text: string): void {
    node.hidden = text === "";
    setText(node, text);
  }
}

/** When the first part began that the model has said; what the kernel says at the end is the same or a frame later. */
function firstPart(log: Log): number | null {
  for (const part of log.parts.values()) if (part.kind !== "notice") return part.startedAt;
  return null;
}

function pace({ at, first_token, output_tokens }: StreamEnd, deltas: number): string {
  if (at == null || first_token == null || at <= first_token) return "";
  const time = at - first_token;
  if (output_tokens != null) return `${rate(output_tokens / time)} tok/s`;
  return deltas > 1 ? `~${rate(deltas / time)} tok/s` : "";
}

function usage({ input_tokens, output_tokens, reasoning_tokens, cached_tokens }: StreamEnd): string {
  const count = (total: number, share: number | null | undefined, word: string) =>
    share ? `${integer(total)} (${integer(share)} ${word})` : integer(total);
  const sides = [
    input_tokens == null ? "" : `${count(input_tokens, cached_tokens, "cached")} in`,
    output_tokens == null ? "" : `${count(output_tokens, reasoning_tokens, "thinking")} out`,
  ].filter((side) => side !== "");
  return sides.length === 0 ? "" : `tokens: ${sides.join(", ")}`;
}
