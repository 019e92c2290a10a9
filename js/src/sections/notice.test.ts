import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { delta, end, start } from "../testing/events.ts";
import { closePages, Page } from "../testing/page.ts";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  closePages();
  vi.useRealTimers();
});

function notice(name: string, ...texts: string[]): Page {
  const page = new Page();
  page.batch(1, start(0, "notice", 1, { name }), ...texts.map((text) => delta(0, text)), end(0, 1));
  vi.advanceTimersByTime(20);
  return page;
}

it("folds the prompt below what was filled in, wherever the text is cut", () => {
  const text = "Filled in: {df}.\nLook at\n| a |";
  for (let cut = 0; cut <= text.length; cut++) {
    const page = new Page();
    page.batch(1, start(0, "notice", 1, { name: "filled" }), delta(0, text.slice(0, cut)));
    vi.advanceTimersByTime(20);
    page.batch(2, delta(0, text.slice(cut)), end(0, 1));
    vi.advanceTimersByTime(20);
    expect(page.texts(".notice > .plain")).toEqual(["Filled in: {df}."]);
    expect(page.find<HTMLDetailsElement>("details.sent").open).toBe(false);
    expect(page.texts("details.sent > .plain")).toEqual(["Look at\n| a |"]);
  }
});

it("has nothing to fold where the line says all", () => {
  expect(notice("filled", "Filled in: {name}: Ada.").texts(".notice")).toEqual(["Filled in: {name}: Ada."]);
  expect(notice("filled", "Filled in: {name}: Ada.").texts("details")).toEqual([]);
});

it("shows every other notice as it is", () => {
  expect(notice("retry", "first\nsecond").texts(".notice")).toEqual(["first\nsecond"]);
});
