import { duration, tokens } from "./format.ts";
import type { Log } from "./log.ts";
import type { Status } from "./wire.ts";

/** What the reply is at, in a word or two. */
export function phase(log: Log): string {
  if (log.end !== null) return ENDED[log.end.status];
  const part = log.active;
  if (part === null || part.ended) return part?.kind === "tool" ? "calling tools" : "waiting";
  switch (part.kind) {
    case "reasoning":
      return "thinking";
    case "tool":
      return "calling tools";
    case "approval":
      return "waiting for you";
    case "result":
    case "image":
      return "running tools";
    case "text":
    case "refusal":
    case "audio":
      return "answering";
    case "notice":
      return "waiting";
    default:
      return part.kind satisfies never;
  }
}

const ENDED: Readonly<Record<Status, string>> = {
  streaming: "waiting",
  complete: "done",
  stopped: "stopped",
  interrupted: "interrupted",
  truncated: "cut off",
  error: "failed",
};

/** Whether something shall come, and nothing is under way. */
export function waits({ active, end }: Log): boolean {
  return end === null && active?.ended !== false;
}

/** The sentence that a screen reader says: each phase once, and how it ended. */
export function announcement(log: Log): string {
  const word = phase(log);
  const sentence = `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
  if (log.end === null) return log.active === null ? "" : `${sentence}…`;
  const { at, output_tokens, error } = log.end;
  const facts = [
    at == null ? "" : ` after ${duration(at)}`,
    output_tokens == null ? "" : `, ${tokens(output_tokens)}`,
    error ? `: ${error}` : ".",
  ];
  return `${sentence}${facts.join("")}`;
}
