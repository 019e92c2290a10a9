import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { cancelDraw, type Drawable, requestDraw } from "./frames.ts";
import { delta, done, end, start } from "./testing/events.ts";
import { closePages, Page } from "./testing/page.ts";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  closePages();
  vi.useRealTimers();
});

function drawable(name: string, steps: string[], seen = true): Drawable {
  return {
    seen,
    before: () => void steps.push(`${name} before`),
    draw: () => void steps.push(`${name} draw`),
    after: () => void steps.push(`${name} after`),
  };
}

it("draws all views together, each step of all before the next", () => {
  const steps: string[] = [];
  const [a, b] = [drawable("a", steps), drawable("b", steps)];
  for (const view of [a, b, a, b]) requestDraw(view);
  expect(steps).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(steps).toEqual(["a before", "b before", "a draw", "b draw", "a after", "b after"]);
  vi.advanceTimersByTime(1_000);
  expect(steps).toHaveLength(6);
});

it("draws at once, and what comes after that in the next frame", () => {
  const frames = vi.spyOn(globalThis, "requestAnimationFrame");
  const steps: string[] = [];
  const view = drawable("a", steps);
  requestDraw(view);
  vi.advanceTimersByTime(1);
  for (let count = 0; count < 5; count += 1) {
    requestDraw(view);
    vi.advanceTimersByTime(1);
  }
  expect(steps.filter((step) => step === "a draw")).toHaveLength(1);
  vi.advanceTimersByTime(20);
  expect(steps.filter((step) => step === "a draw")).toHaveLength(2);
  expect(frames).toHaveBeenCalledTimes(2);
  vi.advanceTimersByTime(1_000);
  expect(frames).toHaveBeenCalledTimes(2);
});

it("draws what nobody sees four times a second, and does not look at it", () => {
  const frames = vi.spyOn(globalThis, "requestAnimationFrame");
  const steps: string[] = [];
  const view = drawable("a", steps, false);
  for (let time = 0; time < 1_000; time += 20) {
    requestDraw(view);
    vi.advanceTimersByTime(20);
  }
  expect(steps).toEqual(["a draw", "a draw", "a draw"]);
  expect(frames).not.toHaveBeenCalled();
  requestDraw({ ...view, seen: true });
  vi.advanceTimersByTime(1_000);
  expect(frames).toHaveBeenCalledTimes(1);
  cancelDraw(view);
  requestDraw(view);
  cancelDraw(view);
  vi.advanceTimersByTime(1_000);
  expect(steps.filter((step) => step === "a draw")).toHaveLength(5);
});

it("draws a hundred that nobody sees a few at a time, and all of them", () => {
  const steps: string[] = [];
  for (let number = 0; number < 100; number += 1) requestDraw(drawable(`${number}`, steps, false));
  vi.advanceTimersByTime(250);
  expect(steps).toHaveLength(10);
  vi.advanceTimersByTime(250);
  expect(new Set(steps).size).toBe(100);
});

it("draws by a timer where there are no frames, so that nothing piles up", () => {
  vi.spyOn(globalThis, "requestAnimationFrame").mockReturnValue(1);
  const page = new Page();
  page.batch(1, start(0, "text", 1), delta(0, "x"));
  vi.advanceTimersByTime(1);
  expect(page.texts(".answer")).toEqual(["x"]);
  for (let count = 0; count < 100; count += 1) page.batch(1, delta(0, "x"));
  vi.advanceTimersByTime(240);
  expect(page.texts(".answer")).toEqual(["x"]);
  vi.advanceTimersByTime(20);
  expect(page.texts(".answer")).toEqual(["x".repeat(101)]);
});

it("does not let a view that fails take others with it", () => {
  const report = vi.fn();
  vi.stubGlobal("reportError", report);
  const steps: string[] = [];
  const broken = { ...drawable("broken", steps), draw: () => expect.fail("broken") };
  requestDraw(broken);
  requestDraw(drawable("good", steps));
  vi.advanceTimersByTime(20);
  expect(steps).toContain("good draw");
  expect(report).toHaveBeenCalledOnce();
  vi.unstubAllGlobals();
});

it("does not draw what has been cancelled, and then asks for no frame", () => {
  const steps: string[] = [];
  const view = drawable("a", steps);
  requestDraw(view);
  cancelDraw(view);
  expect(vi.getTimerCount()).toBe(0);
  vi.advanceTimersByTime(1_000);
  expect(steps).toEqual([]);
});

it("draws a hundred deltas of a frame as one change of the text", () => {
  const page = new Page();
  page.batch(1, start(0, "text", 1), delta(0, "x"));
  vi.advanceTimersByTime(20);
  const append = vi.spyOn(CharacterData.prototype, "appendData");
  for (let count = 0; count < 100; count += 1) page.batch(1, delta(0, "x"));
  vi.advanceTimersByTime(20);
  expect(append.mock.calls).toEqual([["x".repeat(100)]]);
});

it("runs no timer for replies that have ended", () => {
  const pages = [1, 2, 3].map(() => new Page());
  for (const page of pages) page.batch(1, start(0, "reasoning", 1), delta(0, "x"));
  vi.advanceTimersByTime(550);
  expect(vi.getTimerCount()).toBe(1);
  for (const page of pages) page.batch(2, end(0, 2), done());
  vi.advanceTimersByTime(500);
  expect(vi.getTimerCount()).toBe(0);
});
