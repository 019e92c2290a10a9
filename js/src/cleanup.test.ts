import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { delta, end, start } from "./testing/events.ts";
import { closePages, Page } from "./testing/page.ts";

/** Listeners that are on anything of the page: those with a signal end with it, as the browser has it. */
const listening = new Set<object>();
const observing = new Set<MutationObserver>();

/** The prototype from which nodes have their `addEventListener`; it is not the global EventTarget here. */
function eventTarget(): EventTarget {
  let prototype: object = document.body;
  while (!Object.hasOwn(prototype, "addEventListener")) prototype = Object.getPrototypeOf(prototype);
  return prototype as EventTarget;
}

beforeEach(() => {
  const target = eventTarget();
  vi.useFakeTimers();
  listening.clear();
  observing.clear();
  const add = target.addEventListener;
  vi.spyOn(target, "addEventListener").mockImplementation(function (
    this: EventTarget,
    type,
    listener,
    options,
  ) {
    const each = { type };
    const signal = typeof options === "object" ? options.signal : undefined;
    if (!(this instanceof AbortSignal)) {
      listening.add(each);
      if (signal) add.call(signal, "abort", () => void listening.delete(each));
    }
    add.call(this, type, listener, options);
  });
  const { observe, disconnect } = MutationObserver.prototype;
  vi.spyOn(MutationObserver.prototype, "observe").mockImplementation(function (
    this: MutationObserver,
    ...args
  ) {
    observing.add(this);
    observe.apply(this, args);
  });
  vi.spyOn(MutationObserver.prototype, "disconnect").mockImplementation(function (this: MutationObserver) {
    observing.delete(this);
    disconnect.call(this);
  });
});

afterEach(() => {
  closePages();
  vi.useRealTimers();
});

/** A reply in the middle of everything that opens something. */
function busyPage(): Page {
  const page = new Page();
  page.batch(1, start(0, "reasoning", 1), delta(0, "Hm."), start(1, "text", 1), delta(1, "So."));
  page.batch(
    2,
    start(2, "tool", 1, { name: "f", id: "a" }),
    delta(2, '{"a": "b'),
    start(3, "result", 2, { id: "a" }),
  );
  vi.advanceTimersByTime(200);
  page.find<HTMLButtonElement>('button[title="Copy the answer as Markdown"]').click();
  page.batch(3, delta(1, " Yes."), end(0, 3));
  return page;
}

it("a view takes its listeners, observers, timers and nodes with it", async () => {
  const page = busyPage();
  await vi.advanceTimersByTimeAsync(1);
  expect(listening.size).toBeGreaterThan(3);
  expect(observing.size).toBe(1);
  expect(vi.getTimerCount()).toBeGreaterThan(0);
  page.drop();
  expect(listening.size).toBe(0);
  expect(observing.size).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
  expect(document.body.childNodes.length).toBe(0);
});

it("one of two views leaves the other alone", () => {
  const page = busyPage();
  const other = document.createElement("div");
  const dropOther = page.session.render(other);
  expect(other.childNodes.length).toBe(1);
  dropOther();
  page.batch(4, delta(1, " Really."));
  vi.advanceTimersByTime(200);
  expect(other.childNodes.length).toBe(0);
  expect(page.texts(".answer")).toEqual(["So. Yes. Really."]);
});

it("a reply takes all of its views, and what it asked of the kernel, with it", async () => {
  const page = busyPage();
  page.show();
  page.find("button.stop").click();
  page.session.receive({ seq: 99, at: 9, deltas: 9, events: [] });
  expect(page.model.listeners).toBe(4);
  page.session.dispose();
  await vi.advanceTimersByTimeAsync(1);
  expect(page.model.listeners).toBe(0);
  expect(listening.size).toBe(0);
  expect(observing.size).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
  const sent = page.model.sent.length;
  await vi.advanceTimersByTimeAsync(1_000_000);
  expect(page.model.sent).toHaveLength(sent);
});
