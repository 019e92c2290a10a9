import { describe, expect, it, vi } from "vitest";
import { delta, done, end, start } from "./testing/events.ts";
import { fakeTime, frame } from "./testing/fake_time.ts";
import { Page } from "./testing/page.ts";

fakeTime();

function cutOff(): Page {
  const page = new Page();
  page.batch(1, start(0, "text", 1), delta(0, "**half"), end(0, 2), done({ status: "truncated" }));
  frame();
  return page;
}

const CONTINUE = 'button[title="Ask for the rest of this reply"]';

describe("Continue", () => {
  it("asks for the rest once, and the text goes on where it stopped", () => {
    const page = cutOff();
    const button = page.find<HTMLButtonElement>(CONTINUE);
    expect(button.hidden).toBe(false);
    // The user takes a minute; the kernel's clock does not.
    vi.advanceTimersByTime(60_000);
    button.click();
    button.click();
    expect(page.model.sent).toEqual([{ type: "continue" }]);
    page.batch(5, delta(0, " and half**"));
    frame();
    expect(button.hidden).toBe(true);
    expect(page.texts(".answer, .note, button.stop")).toEqual(["half and half", "Stop"]);
    expect(page.find(".answer strong").textContent).toBe("half and half");
    expect(page.texts(".phase")).toEqual(["answering 5.0 s"]);
    expect(page.reply.querySelectorAll(".spark")).toHaveLength(1);
    page.batch(6, end(0, 6), done());
    frame();
    expect(button.hidden).toBe(true);
  });

  it("can be stopped as a first reply can", () => {
    const page = new Page();
    page.batch(1, start(0, "text", 1), delta(0, "half"));
    frame();
    page.find("button.stop").click();
    page.session.receive({ type: "stopping" });
    page.batch(2, end(0, 2), done({ status: "stopped" }));
    frame();
    page.find(CONTINUE).click();
    page.batch(3, delta(0, " and half"));
    frame();
    expect(page.texts("button.stop")).toEqual(["Stop"]);
    page.find("button.stop").click();
    expect(page.model.sent).toEqual([{ type: "stop" }, { type: "continue" }, { type: "stop" }]);
  });

  it("is there for an answer that reached the limit of tokens", () => {
    const page = new Page();
    page.batch(1, start(0, "text", 1), delta(0, "half"), end(0, 2), done({ reason: "length" }));
    frame();
    expect(page.find(CONTINUE).hidden).toBe(false);
  });

  it.each([
    ["a reply that is complete", [start(0, "text", 1), delta(0, "all"), end(0, 2), done({ reason: "stop" })]],
    ["a reply of which nothing came", [done({ status: "error", error: "No answer." })]],
    [
      "a reply that was cut off inside a call",
      [
        start(0, "tool", 1, { name: "f" }),
        delta(0, '{"a'),
        end(0, 2, "broken"),
        done({ status: "truncated" }),
      ],
    ],
  ])("is not there for %s", (_, events) => {
    const page = new Page();
    page.batch(1, ...events);
    frame();
    expect(page.find(CONTINUE).hidden).toBe(true);
  });

  it("is not there when the kernel is gone", () => {
    const page = new Page();
    page.batch(1, start(0, "text", 1), delta(0, "half"));
    page.session.log.abandon();
    frame();
    expect(page.find(CONTINUE).hidden).toBe(true);
  });
});

describe("Copy", () => {
  it("copies no answer that was rejected", async () => {
    const write = vi.spyOn(navigator.clipboard, "writeText").mockResolvedValue();
    const page = new Page({ structured: true });
    const copy = page.find('button[title="Copy the answer as Markdown"]');
    page.batch(1, start(0, "text", 1), delta(0, '{"price": "cheap"}'), end(0, 1));
    frame();
    expect(copy.hidden).toBe(false);
    page.batch(2, start(0, "text", 1, { name: "rejected" }));
    frame();
    expect(copy.hidden).toBe(true);
    expect(page.texts("button")).toContain("Raw");
    page.batch(3, start(1, "text", 2), delta(1, '{"price": 2.5}'), end(1, 2), done());
    frame();
    expect(copy.hidden).toBe(false);
    copy.click();
    await vi.advanceTimersByTimeAsync(1);
    expect(write.mock.calls).toEqual([['{"price": 2.5}']]);
  });
});

describe("Stop and Continue", () => {
  it("leave the focus in the reply when they go", () => {
    const page = new Page();
    const focused = () => (page.reply.getRootNode() as ShadowRoot).activeElement;
    page.batch(1, start(0, "text", 1), delta(0, "half"));
    frame();
    const stop = page.find<HTMLButtonElement>("button.stop");
    stop.focus();
    stop.click();
    page.session.receive({ type: "stopping" });
    frame();
    expect(page.texts("button.stop")).toEqual(["Stopping…"]);
    expect([stop.disabled, stop.getAttribute("aria-disabled")]).toEqual([false, "true"]);
    stop.click();
    expect(page.model.sent).toEqual([{ type: "stop" }]);
    expect(focused()).toBe(stop);
    page.batch(2, end(0, 2), done({ status: "stopped" }));
    frame();
    expect(focused()).toBe(page.find(".actions"));
    page.find(CONTINUE).focus();
    page.find(CONTINUE).click();
    expect(focused()).toBe(page.find(".actions"));
  });
});
