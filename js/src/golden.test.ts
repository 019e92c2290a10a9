import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Log } from "./log.ts";
import type { Batch } from "./message.ts";
import { type Golden, golden, snapshotOf, stateOf } from "./testing/golden.ts";
import { closePages, NOTHING, Page } from "./testing/page.ts";
import type { Kind } from "./wire.ts";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  closePages();
  vi.useRealTimers();
});

/** The same stream with a batch for each event, so that it can be cut at every one. */
function eventByEvent(batches: readonly Batch[]): Batch[] {
  const events = batches.flatMap(({ at, deltas, events }) => events.map((event) => ({ at, deltas, event })));
  return events.map(({ at, deltas, event }, index) => ({ seq: index + 1, at, deltas, events: [event] }));
}

function receive(page: Page, batches: readonly Batch[]): void {
  for (const batch of batches) {
    page.session.receive(batch);
    vi.advanceTimersByTime(20);
  }
}

/** The snapshot of a kernel that has sent `batches`. */
function kernelAfter(batches: readonly Batch[]): Batch {
  const log = new Log(() => {});
  for (const batch of batches) log.receive(batch);
  return snapshotOf(log);
}

function pulls(page: Page): unknown[] {
  return page.model.sent.filter((message) => (message as { type: string }).type === "pull");
}

/** Calls `draw` for every cut of `batches`; all pages that it returns must look as if they had been there all the time. */
function expectSameLooks(
  batches: readonly Batch[],
  state: Golden["state"],
  draw: (cut: number) => Page,
): void {
  const live = new Page();
  receive(live, batches);
  const looks = live.reply.outerHTML;
  for (let cut = 0; cut <= batches.length; cut += 1) {
    const page = draw(cut);
    expect(page.reply.outerHTML, `cut after event ${cut}`).toBe(looks);
    expect(stateOf(page.session.log), `cut after event ${cut}`).toEqual(state);
    page.close();
  }
}

it("reads the streams that Python reads", () => {
  expect(golden.length).toBeGreaterThanOrEqual(10);
});

describe.each(golden)("$name", ({ batches: recorded, state }) => {
  const batches = eventByEvent(recorded);

  it("shows every text", () => {
    const page = new Page();
    receive(page, recorded);
    expect(stateOf(page.session.log)).toEqual(state);
    page.find('button[title="Show the text as it came"]').click();
    const hidden = new Set<Kind>(["audio", "image"]);
    for (const part of state.parts)
      if (!hidden.has(part.kind)) expect(page.reply.textContent).toContain(part.text);
  });

  it("looks the same in a view that is made late", () => {
    expectSameLooks(batches, state, (cut) => {
      const page = new Page();
      page.drop();
      receive(page, batches.slice(0, cut));
      page.show();
      receive(page, batches.slice(cut));
      return page;
    });
  });

  it("looks the same in a page that is loaded again", () => {
    expectSameLooks(batches, state, (cut) => {
      const page = new Page({ snapshot: kernelAfter(batches.slice(0, cut)) });
      // Messages that were on their way while the page asked for the state come once more.
      receive(page, batches.slice(Math.max(0, cut - 2)));
      expect(pulls(page)).toEqual([]);
      return page;
    });
  });

  it("looks the same when a batch is lost", () => {
    expectSameLooks(batches, state, (cut) => {
      const page = new Page();
      receive(page, batches.slice(0, cut));
      receive(page, batches.slice(cut + 1));
      if (cut >= batches.length - 1) page.model.update("last_seq", batches.length);
      expect(pulls(page)).toEqual(cut < batches.length ? [{ type: "pull", seq: cut }] : []);
      page.model.update("snapshot", kernelAfter(batches));
      vi.advanceTimersByTime(20);
      return page;
    });
  });

  it("draws a snapshot that came before anything else", () => {
    const page = new Page({ snapshot: kernelAfter(batches) });
    expect(stateOf(page.session.log)).toEqual(state);
    page.model.update("snapshot", NOTHING);
    expect(stateOf(page.session.log)).toEqual(state);
  });
});
