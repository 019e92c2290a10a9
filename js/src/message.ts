import type { Event, Kind, Status } from "./wire.ts";

/** What a message of events and the `snapshot` trait hold. */
export interface Batch {
  /** The first is 1. A snapshot has the number of the last batch that is in it, 0 if none is. */
  readonly seq: number;
  /** Seconds from the request to the moment of sending. */
  readonly at: number;
  /** How many deltas the model has sent in all. */
  readonly deltas: number;
  readonly events: readonly Event[];
}

type Test = (value: unknown) => boolean;
type Shape = Readonly<Record<string, Test>>;

const KINDS: Readonly<Record<Kind, true>> = {
  text: true,
  reasoning: true,
  refusal: true,
  tool: true,
  approval: true,
  result: true,
  image: true,
  audio: true,
  notice: true,
};

const STATUSES: Readonly<Record<Status, true>> = {
  streaming: true,
  complete: true,
  stopped: true,
  interrupted: true,
  truncated: true,
  error: true,
};

const count: Test = (value) => Number.isInteger(value) && (value as number) >= 0;
const text: Test = (value) => typeof value === "string";
const one =
  (of: object): Test =>
  (value) =>
    typeof value === "string" && Object.hasOwn(of, value);
const maybe =
  (test: Test): Test =>
  (value) =>
    value === undefined || value === null || test(value);
const seconds = maybe(Number.isFinite);

const SHAPES: Readonly<Record<Event["type"], Shape>> = {
  part_start: {
    index: count,
    kind: one(KINDS),
    name: maybe(text),
    id: maybe(text),
    choice: maybe(count),
    at: seconds,
  },
  part_delta: { index: count, text },
  part_end: { index: count, reason: maybe(text), at: seconds },
  stream_end: {
    status: one(STATUSES),
    reason: maybe(text),
    error: maybe(text),
    model: maybe(text),
    input_tokens: maybe(count),
    output_tokens: maybe(count),
    reasoning_tokens: maybe(count),
    cached_tokens: maybe(count),
    first_token: seconds,
    at: seconds,
  },
};

const BATCH: Shape = { seq: count, at: Number.isFinite, deltas: count, events: Array.isArray };

/** The name of the first field of `value` that is not as `shape` says, or `null`. */
function misfit(value: object, shape: Shape): string | null {
  for (const [name, test] of Object.entries(shape)) {
    if (!test((value as Record<string, unknown>)[name])) return name;
  }
  return null;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** `value` as a batch without the events that are none, or `null`. `warn` hears why something was dropped. */
export function readBatch(value: unknown, warn: (reason: string) => void): Batch | null {
  const wrong = isObject(value) ? misfit(value, BATCH) : "type";
  if (wrong !== null) {
    warn(`a batch with a bad ${wrong}`);
    return null;
  }
  const { seq, at, deltas, events } = value as Batch;
  const good = events.filter((event) => {
    const reason = whyNoEvent(event);
    if (reason !== null) warn(reason);
    return reason === null;
  });
  return { seq, at, deltas, events: good };
}

function whyNoEvent(value: unknown): string | null {
  const type: unknown = isObject(value) && "type" in value ? value.type : undefined;
  if (typeof type !== "string" || !Object.hasOwn(SHAPES, type)) return "an event of an unknown type";
  const wrong = misfit(value as object, SHAPES[type as Event["type"]]);
  return wrong === null ? null : `a ${type} with a bad ${wrong}`;
}
