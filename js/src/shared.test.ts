// @vitest-environment happy-dom
import { afterEach, expect, it, vi } from "vitest";
import { delta, start } from "./testing/events.ts";
import { closePages, Page } from "./testing/page.ts";

afterEach(closePages);

const FIRST = { seq: 1, at: 1, deltas: 1, events: [start(0, "text", 1), delta(0, "a")] };

it("takes its own batch out of a message for many replies, and nobody else's", () => {
  const page = new Page();
  page.code.message({
    type: "batches",
    replies: { 6: { ...FIRST, events: [start(0, "text", 1), delta(0, "b")] } },
  });
  expect(page.session.log.seq).toBe(0);
  page.code.message({ type: "batches", replies: { 6: {}, 7: FIRST } });
  page.code.message({
    type: "batches",
    replies: { 7: { seq: 2, at: 2, deltas: 2, events: [delta(0, "b")] } },
  });
  expect(page.session.log.parts.get(0)?.text).toBe("ab");
});

it("drops what is no message for many replies", () => {
  const page = new Page();
  for (const odd of [
    null,
    7,
    {},
    { type: "batches" },
    { type: "batches", replies: null },
    { type: "other", replies: { 7: FIRST } },
  ]) {
    page.code.message(odd);
  }
  expect(page.session.log.seq).toBe(0);
});

it("tells the kernel that it listens there, as long as something may come", () => {
  expect(new Page().greeting).toEqual([{ type: "listening", host: "other" }]);
  const ended = {
    seq: 2,
    at: 2,
    deltas: 1,
    events: [...FIRST.events, { type: "stream_end", status: "complete" } as const],
  };
  expect(new Page({ snapshot: ended }).greeting).toEqual([]);
});

it("takes its own snapshot, too", () => {
  const page = new Page();
  page.code.message({ type: "snapshots", replies: { 7: { ...FIRST, seq: 9 } } });
  expect([page.session.log.seq, page.session.log.parts.get(0)?.text]).toEqual([9, "a"]);
});

it("asks whether there was a word when it has heard none, and says when it asks again", () => {
  vi.useFakeTimers();
  const page = new Page();
  vi.advanceTimersByTime(2_999);
  expect(page.model.sent).toEqual([]);
  vi.advanceTimersByTime(1_001);
  expect(page.model.sent).toEqual([
    { type: "pull", seq: 0 },
    { type: "pull", seq: 0, again: true },
  ]);
  page.code.message({ type: "snapshots", replies: { 7: FIRST } });
  const another = new Page();
  another.batch(1, start(0, "text", 1));
  vi.advanceTimersByTime(1_000_000);
  expect([page.model.sent.length, another.model.sent.length]).toEqual([2, 0]);
  vi.useRealTimers();
});

it("no longer listens when the reply is closed", () => {
  const page = new Page();
  expect(page.code.listeners).toBe(1);
  page.close();
  expect(page.code.listeners).toBe(0);
});
