import type { Log } from "./log.ts";
import type { StreamEnd } from "./wire.ts";

/** Finish reasons of an answer that reached its length limit. */
const LIMITS: readonly unknown[] = ["length", "max_tokens", "max_output_tokens"];

/** Whether the kernel can ask for the rest of a reply: it was cut off, and not within a call. */
export function canContinue({ end, abandoned, parts }: Log): boolean {
  if (end === null || abandoned) return false;
  if (end.status === "complete" ? !LIMITS.includes(end.reason) : parts.size === 0) return false;
  return ![...parts.values()].some((part) => part.kind === "tool" && part.reason === "broken");
}

/** What a reader must know of how the reply ended, and whether it is bad news; `null` if it simply ended. */
export function endNote(end: StreamEnd): { text: string; bad: boolean } | null {
  switch (end.status) {
    case "error":
      return { text: end.error || "The server reported an error.", bad: true };
    case "truncated":
      return {
        text:
          end.error ||
          "Cut off: the connection closed before the model had finished. What had arrived is kept.",
        bad: true,
      };
    case "stopped":
      return { text: "Stopped. What had arrived is kept.", bad: false };
    case "interrupted":
      return { text: "Interrupted. What had arrived is kept.", bad: false };
    case "complete":
    case "streaming":
      return finishNote(end.reason ?? "");
    default:
      return end.status satisfies never;
  }
}

/** The same for a finish_reason, of the reply or of one of its choices. */
export function finishNote(reason: string): { text: string; bad: boolean } | null {
  if (LIMITS.includes(reason))
    return { text: "Cut off at the limit of tokens. Raise max_tokens to read on.", bad: true };
  if (reason === "content_filter") return { text: "The server's content filter ended the reply.", bad: true };
  return null;
}
