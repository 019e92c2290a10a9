// Written by tools/wire_types.py from qwen_nb/events.py. Do not edit: run `make generated`.

export type Kind =
  | "text"
  | "reasoning"
  | "refusal"
  | "tool"
  | "approval"
  | "result"
  | "image"
  | "audio"
  | "notice";

export type Status =
  | "streaming"
  | "complete"
  | "stopped"
  | "interrupted"
  | "truncated"
  | "error";

/** Part `index` begins. */
export interface PartStart {
  readonly type: "part_start";
  readonly index: number;
  readonly kind: Kind;
  readonly name?: string;
  readonly id?: string;
  readonly choice?: number;
  readonly at?: number | null;
}

/** Append `text` to part `index`. */
export interface PartDelta {
  readonly type: "part_delta";
  readonly index: number;
  readonly text: string;
}

/** Part `index` gets no more text. */
export interface PartEnd {
  readonly type: "part_end";
  readonly index: number;
  readonly reason?: string;
  readonly at?: number | null;
}

/** Nothing follows. Every part has ended before. */
export interface StreamEnd {
  readonly type: "stream_end";
  readonly status: Status;
  readonly reason?: string | null;
  readonly error?: string;
  readonly code?: string;
  readonly http_status?: number | null;
  readonly model?: string;
  readonly request_id?: string;
  readonly input_tokens?: number | null;
  readonly output_tokens?: number | null;
  readonly reasoning_tokens?: number | null;
  readonly cached_tokens?: number | null;
  readonly first_token?: number | null;
  readonly at?: number | null;
}

export type Event = PartStart | PartDelta | PartEnd | StreamEnd;
