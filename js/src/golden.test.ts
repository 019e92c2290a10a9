import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Log } from "./log.ts";
import type { Batch } from "./message.ts";
import { Session } from "./session.ts";
import { FakeModel } from "./testing/fake_model.ts";
import { type Golden, golden, logAfter, snapshotOf, stateOf } from "./testing/golden.ts";

const NOTHING: Batch = { seq: 0, at: 0, deltas: 0, events: [] };

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  document.body.replaceChildren();
  vi.useRealTimers();
});

/** A page that shows a reply, from `snapshot` on. The kernel behind it holds what `kernel` says when it is pulled. */
function page(snapshot: Batch) {
  const model = new FakeModel({
    snapshot,
    about: { model: "qwen", source: "test", recorded: false },
    last_seq: 0,
  });
  const session = new Session(model, { load: () => Promise.reject(new Error("not here")) }, []);
  const show = () => {
    const el = document.createElement("div");
    document.body.append(el);
    session.render(el);
    return () => el.firstElementChild?.shadowRoot?.querySelector(".reply")?.outerHTML;
  };
  return { model, session, show };
}

/** Lets the page draw what it has. */
function frame(): void {
  vi.advanceTimersByTime(20);
}

function kernelAfter(batches: readonly Batch[], count: number): Batch {
  return snapshotOf(logAfter(() => new Log(() => {}), batches, count));
}

it("reads the streams that Python reads", () => {
  expect(golden.length).toBeGreaterThanOrEqual(10);
});

describe.each(golden)("$name", ({ batches, state }: Golden) => {
  const cuts = batches.map((_, index) => index).concat(batches.length);

  function expected(): string | undefined {
    const { session, show } = page(NOTHING);
    const html = show();
    for (const batch of batches) {
      session.receive({ type: "batch", ...batch });
      frame();
    }
    expect(stateOf(session.log)).toEqual(state);
    const drawn = html();
    session.dispose();
    return drawn;
  }

  it("shows every text of the state", () => {
    const { session, show } = page(NOTHING);
    const html = show();
    for (const batch of batches) session.receive({ type: "batch", ...batch });
    frame();
    const holder = document.createElement("div");
    holder.innerHTML = html() ?? "";
    for (const part of state.parts) {
      if (part.kind === "audio" || (part.kind === "tool" && part.reason !== "broken")) continue;
      expect(holder.textContent).toContain(part.text);
    }
  });

  it.each(cuts)("looks the same in a view made after batch %i", (cut) => {
    const { session, show } = page(NOTHING);
    for (const batch of batches.slice(0, cut)) session.receive({ type: "batch", ...batch });
    const html = show();
    for (const batch of batches.slice(cut)) {
      session.receive({ type: "batch", ...batch });
      frame();
    }
    frame();
    expect(html()).toBe(live);
  });

  it.each(cuts)("looks the same in a page loaded again after batch %i", (cut) => {
    const { model, session, show } = page(kernelAfter(batches, cut));
    const html = show();
    // Comm messages that were on their way while the page asked for the state come twice.
    for (const batch of batches.slice(Math.max(0, cut - 2))) {
      session.receive({ type: "batch", ...batch });
      frame();
    }
    frame();
    expect(model.sent).toEqual([]);
    expect(stateOf(session.log)).toEqual(state);
    expect(html()).toBe(live);
  });

  it.each(cuts.slice(0, -2))("looks the same when the batch after %i is lost", (cut) => {
    const { model, session, show } = page(NOTHING);
    const html = show();
    for (const batch of batches.filter((each) => each.seq !== cut + 1)) {
      session.receive({ type: "batch", ...batch });
      frame();
    }
    expect(model.sent).toEqual([{ type: "pull", seq: cut }]);
    model.update("snapshot", kernelAfter(batches, batches.length));
    frame();
    expect(stateOf(session.log)).toEqual(state);
    expect(html()).toBe(live);
  });

  it("looks the same when the last batch is lost, and the kernel says that it was sent", () => {
    const { model, session, show } = page(NOTHING);
    const html = show();
    for (const batch of batches.slice(0, -1)) session.receive({ type: "batch", ...batch });
    expect(model.sent).toEqual([]);
    model.update("last_seq", batches.length);
    expect(model.sent).toEqual([{ type: "pull", seq: batches.length - 1 }]);
    model.update("snapshot", kernelAfter(batches, batches.length));
    frame();
    expect(html()).toBe(live);
  });

  let live: string | undefined;
  beforeEach(() => {
    live = expected();
  });
});
