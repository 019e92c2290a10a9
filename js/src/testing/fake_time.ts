import { afterEach, beforeEach, vi } from "vitest";
import { closePages } from "./page.ts";

/** Time passes in the tests of this file only when they say so; no page outlives its test. */
export function fakeTime(): void {
  beforeEach(() => {
    vi.useFakeTimers();
  });

  afterEach(() => {
    closePages();
    vi.useRealTimers();
  });
}

/** As long as until the next drawing. */
export function frame(): void {
  vi.advanceTimersByTime(20);
}
