import { describe, expect, it, vi } from "vitest";
import { delta, done, end, start } from "./testing/events.ts";
import { fakeTime, frame } from "./testing/fake_time.ts";
import { NOTHING, Page } from "./testing/page.ts";

fakeTime();

describe("the status line", () => {
  const items = (page: Page) => page.texts(".footer > span:not(.actions)");

  it("says what the reply is at, and how fast", () => {
    const page = new Page({ snapshot: { ...NOTHING, at: 0.2 }, recorded: true });
    expect(items(page)).toEqual(["recorded: no model is running", "waiting 0.2 s", "qwen"]);
    page.batch(0.42, start(0, "reasoning", 0.42), delta(0, "H"));
    frame();
    expect(items(page)).toEqual([
      "recorded: no model is running",
      "thinking 0.4 s",
      "qwen",
      "first token 0.42 s",
    ]);
    for (let at = 0.5; at < 3.5; at += 0.1) {
      page.batch(at, delta(0, "m"));
      vi.advanceTimersByTime(100);
    }
    expect(items(page)[4]).toMatch(/^~(9|10)(\.\d)? tok\/s$/);
    expect(
      page.reply.querySelector(".spark polyline")?.getAttribute("points")?.split(" ").length,
    ).toBeGreaterThan(4);
  });

  it("gives a reader time to read the pace", () => {
    const page = new Page();
    const seen: string[] = [];
    page.batch(0, start(0, "text", 0));
    for (let frames = 0; frames < 100; frames += 1) {
      // Faster and faster.
      page.batch(Math.sqrt(frames / 6), delta(0, "m"));
      frame();
      const rate = page.texts(".rate")[0] ?? "";
      if (rate !== seen.at(-1)) seen.push(rate);
    }
    expect(seen.length).toBeGreaterThan(1);
    expect(seen.length).toBeLessThan(12);
  });

  it("breathes while nothing comes", () => {
    const page = new Page();
    const breathes = () => page.find(".phase").classList.contains("waits");
    expect(breathes()).toBe(true);
    page.batch(1, start(0, "text", 1), delta(0, "Hi"));
    frame();
    expect(breathes()).toBe(false);
    page.batch(2, end(0, 2));
    frame();
    expect(breathes()).toBe(true);
  });

  it("shows a stall", () => {
    const page = new Page();
    for (let seq = 0; seq < 10; seq += 1)
      page.batch(seq / 10, ...(seq ? [delta(0, "m")] : [start(0, "text", 0)]));
    vi.advanceTimersByTime(5_000);
    expect(page.texts(".rate")).toEqual(["~0 tok/s"]);
  });

  it("says what it took and cost", () => {
    const page = new Page();
    page.batch(1, start(0, "text", 0.5), delta(0, "Hi"), end(0, 4.5));
    const usage = { input_tokens: 12_345, cached_tokens: 1_024, output_tokens: 311, reasoning_tokens: 88 };
    page.batch(5, done({ model: "qwen3.6-plus", first_token: 0.5, at: 4.5, ...usage }));
    frame();
    expect(items(page)).toEqual([
      "4.5 s",
      "qwen3.6-plus",
      "first token 0.50 s",
      "78 tok/s",
      "tokens: 12 345 (1024 cached) in, 311 (88 thinking) out".replace(" 345", "\u202f345"),
    ]);
    expect(page.reply.querySelector(".spark")).toBeNull();
  });

  it("says no more than it knows", () => {
    const page = new Page();
    page.batch(1, { type: "stream_end", status: "complete" });
    frame();
    expect(items(page)).toEqual(["done", "qwen"]);
  });

  it.each([
    [
      "error",
      { error: "The server is out of memory." },
      "failed after 9.0 s",
      "The server is out of memory.",
    ],
    ["truncated", { error: "Cut off here." }, "cut off after 9.0 s", "Cut off here."],
    ["stopped", {}, "stopped after 9.0 s", "Stopped. What had arrived is kept."],
    ["interrupted", {}, "interrupted after 9.0 s", "Interrupted. What had arrived is kept."],
    [
      "complete",
      { reason: "length" },
      "9.0 s",
      "Cut off at the limit of tokens. Raise max_tokens to read on.",
    ],
    ["complete", { reason: "content_filter" }, "9.0 s", "The server's content filter ended the reply."],
  ] as const)("says how it ended: %s", (status, more, phase, note) => {
    const page = new Page();
    page.batch(1, done({ status, ...more }));
    frame();
    expect(items(page)[0]).toBe(phase);
    expect(page.texts(".note")).toEqual([note]);
  });
});
