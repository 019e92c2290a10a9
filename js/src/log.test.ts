import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Log } from "./log.ts";
import type { Batch } from "./message.ts";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

function batch(seq: number, text: string): Batch {
  return { seq, at: seq, deltas: seq, events: [{ type: "part_delta", index: 0, text }] };
}

const FIRST: Batch = { seq: 1, at: 1, deltas: 1, events: [{ type: "part_start", index: 0, kind: "text" }] };

function logWith(pull = vi.fn<(seq: number) => void>()) {
  const log = new Log(pull);
  log.receive(FIRST);
  return { log, pull, text: () => log.parts.get(0)?.text };
}

it("applies each batch once, in order", () => {
  const { log, pull, text } = logWith();
  for (const each of [batch(2, "a"), batch(2, "a"), FIRST, batch(3, "b"), batch(2, "a")]) log.receive(each);
  expect(text()).toBe("ab");
  expect(log.seq).toBe(3);
  expect(pull).not.toHaveBeenCalled();
});

describe("a gap", () => {
  it("is pulled once, and then less and less often until it is filled", () => {
    const { log, pull, text } = logWith();
    log.receive(batch(3, "b"));
    log.receive(batch(4, "c"));
    expect(text()).toBe("");
    expect(pull.mock.calls).toEqual([[1, false]]);
    vi.advanceTimersByTime(1_000);
    expect(pull).toHaveBeenCalledTimes(2);
    vi.advanceTimersByTime(1_999);
    expect(pull).toHaveBeenCalledTimes(2);
    vi.advanceTimersByTime(1);
    expect(pull).toHaveBeenCalledTimes(3);
    log.restore({ seq: 4, at: 4, deltas: 4, events: [...FIRST.events, ...batch(4, "abc").events] });
    expect(text()).toBe("abc");
    log.receive(batch(5, "d"));
    expect(text()).toBe("abcd");
    vi.advanceTimersByTime(1_000_000);
    expect(pull).toHaveBeenCalledTimes(3);
  });

  it("is not pulled for ever when nobody answers", () => {
    const { log, pull } = logWith();
    log.receive(batch(3, "b"));
    vi.advanceTimersByTime(10_000_000);
    expect(pull).toHaveBeenCalledTimes(12);
    expect(vi.getTimerCount()).toBe(0);
    log.receive(batch(4, "c"));
    expect(pull).toHaveBeenCalledTimes(13);
  });

  it("leaves no timer behind a log that is disposed", () => {
    const { log } = logWith();
    log.receive(batch(3, "b"));
    log.dispose();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("a snapshot", () => {
  it("adds what is missing and nothing else", () => {
    const { log, text } = logWith();
    log.receive(batch(2, "Hello"));
    const changed = vi.fn();
    log.subscribe(changed);
    log.restore({
      seq: 9,
      at: 9,
      deltas: 9,
      events: [
        { type: "part_start", index: 0, kind: "reasoning" },
        { type: "part_delta", index: 0, text: "Hello, world" },
        { type: "part_end", index: 0, at: 3 },
        { type: "part_start", index: 1, kind: "text", at: 3 },
      ],
    });
    expect(text()).toBe("Hello, world");
    expect(log.parts.get(0)?.fragments).toEqual(["Hello", ", world"]);
    expect(log.parts.get(0)).toMatchObject({ kind: "reasoning", ended: true, endedAt: 3 });
    expect(log.parts.get(1)).toMatchObject({ kind: "text", ended: false, startedAt: 3 });
  });

  it("may come in several deltas for a part", () => {
    const { log } = logWith();
    log.receive(batch(2, "abc"));
    log.restore({
      ...batch(5, ""),
      events: ["ab", "cd", "ef"].map((text) => ({ type: "part_delta", index: 0, text })),
    });
    expect(log.parts.get(0)?.fragments).toEqual(["abc", "d", "ef"]);
  });

  it("that is older than what is held is dropped", () => {
    const { log, text } = logWith();
    log.receive(batch(2, "Hello"));
    log.restore({ ...FIRST, seq: 1 });
    log.restore({ seq: 0, at: 0, deltas: 0, events: [] });
    expect(text()).toBe("Hello");
    expect(log.seq).toBe(2);
  });
});

describe("what is malformed", () => {
  it.each([
    ["nothing", undefined],
    ["a word", "batch"],
    ["no number", { at: 0, deltas: 0, events: [] }],
    ["no events", { seq: 2, at: 0, deltas: 0 }],
    ["no time", { seq: 2, deltas: 0, events: [] }],
  ])("is dropped: %s", (_, message) => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const { log } = logWith();
    log.receive(message);
    log.receive(message);
    expect(log.seq).toBe(1);
    expect(warn).toHaveBeenCalledTimes(1);
  });

  it("does not take the rest of its batch with it, and is told of once for each reason", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const { log, text } = logWith();
    const events = [
      null,
      { type: "part_middle", index: 0 },
      { type: "part_start", index: 1, kind: "poem" },
      { type: "part_start", index: -1, kind: "text" },
      { type: "part_delta", index: 0, text: 5 },
      { type: "part_delta", index: 7, text: "x" },
      { type: "constructor" },
      { type: "stream_end", status: "toString" },
      { type: "part_delta", index: 0, text: "good" },
    ];
    for (const seq of [2, 3]) log.receive({ seq, at: 1, deltas: 1, events });
    expect(text()).toBe("goodgood");
    expect(log.parts.size).toBe(1);
    expect(log.end).toBeNull();
    expect(warn.mock.calls.flat()).toEqual([
      "qwen_nb: dropped an event of an unknown type.",
      "qwen_nb: dropped a part_start with a bad kind.",
      "qwen_nb: dropped a part_start with a bad index.",
      "qwen_nb: dropped a part_delta with a bad text.",
      "qwen_nb: dropped a stream_end with a bad status.",
      "qwen_nb: dropped an event for part 7, which never started.",
    ]);
  });
});

describe("a reply that goes on after its end", () => {
  it("has its last text open again, and no end", () => {
    const log = new Log(() => {});
    const half = [
      { type: "part_start", index: 0, kind: "text" },
      { type: "part_delta", index: 0, text: "half" },
      { type: "part_end", index: 0, at: 1 },
      { type: "stream_end", status: "truncated", at: 1 },
    ];
    log.receive({ seq: 1, at: 1, deltas: 1, events: half });
    const part = log.parts.get(0);
    expect([part?.ended, part?.openings, log.end?.status]).toEqual([true, 1, "truncated"]);
    log.receive({ seq: 2, at: 2, deltas: 2, events: [{ type: "part_delta", index: 0, text: " and half" }] });
    expect([part?.text, part?.ended, part?.openings, log.end]).toEqual(["half and half", false, 2, null]);
  });
});

describe("the clock", () => {
  it("goes on between batches, and never back", () => {
    const log = new Log(() => {});
    log.receive(FIRST);
    expect(log.now).toBeCloseTo(1);
    vi.advanceTimersByTime(500);
    expect(log.now).toBeCloseTo(1.5);
    // A batch that was delayed on its way says nothing new.
    vi.advanceTimersByTime(1_500);
    log.receive({ ...batch(2, ""), at: 2 });
    expect(log.now).toBeCloseTo(3);
    log.receive({ ...batch(3, ""), at: 3.2 });
    expect(log.now).toBeCloseTo(3.2);
  });

  it("is 0 before anything has come", () => {
    expect(new Log(() => {}).now).toBe(0);
  });
});
