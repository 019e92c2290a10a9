import type { Event, Kind, StreamEnd } from "../wire.ts";

export const start = (index: number, kind: Kind, at: number, more: object = {}): Event => {
  return { type: "part_start", index, kind, at, ...more };
};

export const delta = (index: number, text: string): Event => ({ type: "part_delta", index, text });

export const end = (index: number, at: number, reason = ""): Event => ({
  type: "part_end",
  index,
  at,
  reason,
});

/** The end of a stream, 9 seconds after the request. */
export const done = (more: Partial<StreamEnd> = {}): Event => ({
  type: "stream_end",
  status: "complete",
  at: 9,
  ...more,
});
