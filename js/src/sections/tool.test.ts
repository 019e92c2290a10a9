import { describe, expect, it, vi } from "vitest";
import { delta, done, end, start } from "../testing/events.ts";
import { fakeTime, frame } from "../testing/fake_time.ts";
import { Page } from "../testing/page.ts";

fakeTime();

describe("a tool call", () => {
  const state = (page: Page) => page.texts(".state");

  it("assembles, waits, runs and is done", () => {
    const page = new Page();
    page.batch(1, start(0, "tool", 1, { name: "get_weather", id: "a" }), delta(0, '{"city": "Os'));
    frame();
    expect(state(page)).toEqual(["assembling"]);
    expect(page.texts("dt")).toEqual(["city"]);
    expect(page.texts("dd")).toEqual(["Os"]);
    page.batch(2, delta(0, 'lo"}'), end(0, 2));
    frame();
    expect(state(page)).toEqual(["waiting"]);
    page.batch(3, start(1, "result", 3, { name: "get_weather", id: "a" }));
    vi.advanceTimersByTime(1_200);
    expect(state(page)).toEqual(["running 1.2 s"]);
    page.batch(4.5, delta(1, "4 °C, rain"), end(1, 4.5, "done"));
    frame();
    expect(state(page)).toEqual(["done 1.5 s"]);
    expect(page.texts(".name, dd, .result")).toEqual(["get_weather", "Oslo", "4 °C, rain"]);
  });

  it("counts while another part grows", () => {
    const page = new Page();
    page.batch(1, start(0, "tool", 1, { name: "f", id: "a" }), delta(0, "{}"), end(0, 1));
    page.batch(2, start(1, "result", 2, { name: "f", id: "a" }), start(2, "text", 2));
    for (let at = 2; at < 3.21; at += 0.04) {
      page.batch(at, delta(2, "word "));
      vi.advanceTimersByTime(40);
    }
    expect(state(page)).toEqual(["running 1.2 s"]);
  });

  it.each(["failed", "denied"])("may be %s", (reason) => {
    const page = new Page();
    page.batch(1, start(0, "tool", 1, { name: "f", id: "a" }), delta(0, "{}"), end(0, 1));
    page.batch(2, start(1, "result", 1, { id: "a" }), delta(1, "No."), end(1, 1.25, reason));
    frame();
    expect(state(page)).toEqual([`${reason} 0.25 s`]);
    expect(page.find(".tool").dataset["state"]).toBe(reason);
  });

  it("is not run when the reply ends first", () => {
    const page = new Page();
    page.batch(1, start(0, "tool", 1, { name: "f", id: "a" }), delta(0, "{}"), end(0, 1));
    frame();
    page.batch(2, done({ reason: "tool_calls" }));
    frame();
    expect(state(page)).toEqual(["not run"]);
  });

  it("with broken arguments shows them as they came", () => {
    const page = new Page();
    page.batch(
      1,
      start(0, "tool", 1, { name: "f", id: "a" }),
      delta(0, '{"a": "b", "c": '),
      end(0, 1, "broken"),
    );
    frame();
    expect(state(page)).toEqual(["broken arguments"]);
    expect(page.texts(".arguments")).toEqual(['{"a": "b", "c": ']);
  });

  it("whose arguments are no object shows them as they come", () => {
    const page = new Page();
    page.batch(1, start(0, "tool", 1, { name: "f", id: "a" }), delta(0, "[1, "));
    page.batch(2, delta(0, "2]"));
    frame();
    expect(page.texts(".arguments > .raw")).toEqual(["[1, 2]"]);
    expect(page.texts(".fields")).toEqual([]);
  });

  it("sets long and nested values out in lines", () => {
    const page = new Page();
    const list = [1, 2, 3, { name: "a".repeat(80) }];
    page.batch(
      1,
      start(0, "tool", 1, { name: "f", id: "a" }),
      delta(0, JSON.stringify({ text: "a\nb", list, n: 1 })),
    );
    frame();
    expect(page.texts("dd > .long")).toEqual(["a\nb", JSON.stringify(list, null, 2)]);
    expect(page.texts("dd > :not(.long)")).toEqual(["1"]);
  });

  it("hides nothing in its arguments, however they are written", () => {
    const list = ["\u202e", "a".repeat(80)];
    const call = JSON.stringify({ "\u202ehtap": "/tmp/\u202epmt/\u202c \u{e0041}", short: ["\u202e"], list });
    const ascii = call.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16)}`);
    for (const written of [call, ascii]) {
      for (const size of [1, 1_000]) {
        const page = new Page();
        page.batch(1, start(0, "tool", 1, { name: "f", id: "a" }));
        for (let at = 0; at < written.length; at += size)
          page.batch(1, delta(0, written.slice(at, at + size)));
        frame();
        expect(page.texts("dt")).toEqual(["U+202Ehtap", "short", "list"]);
        expect(page.texts("dd")).toEqual([
          "/tmp/U+202Epmt/U+202C U+E0041",
          '["\\u202e"]',
          JSON.stringify(list, null, 2).replace("\u202e", "\\u202e"),
        ]);
        page.batch(2, end(0, 2, "broken"));
        frame();
        expect(page.texts(".arguments")).toEqual([ascii]);
      }
    }
  });

  it("finds its result by id, and calls with the same id in order", () => {
    const page = new Page();
    const call = (index: number, id: string, n: number) => [
      start(index, "tool", 1, { name: "f", id }),
      delta(index, JSON.stringify({ n })),
      end(index, 1),
    ];
    page.batch(1, ...call(0, "a", 0), ...call(1, "b", 1), ...call(2, "a", 2));
    const result = (index: number, id: string, text: string) => [
      start(index, "result", 2, { name: "f", id }),
      delta(index, text),
      end(index, 2, "done"),
    ];
    page.batch(2, ...result(3, "b", "B"), ...result(4, "a", "first A"), ...result(5, "a", "second A"));
    frame();
    expect(page.texts(".tool")).toEqual([
      "fdone 0.00 sn0first A",
      "fdone 0.00 sn1B",
      "fdone 0.00 sn2second A",
    ]);
  });

  it("shows the pictures that it returned in its card, and draws nothing that may hold a script", () => {
    const page = new Page();
    page.batch(1, start(0, "tool", 1, { name: "plot", id: "a" }), delta(0, "{}"), end(0, 1));
    page.batch(2, start(1, "image", 2, { name: "image/png", id: "a" }), delta(1, "iVBO\nRw0K"));
    page.batch(3, start(2, "image", 2, { name: "image/svg+xml", id: "a" }), delta(2, "PHN2Zz4="), end(2, 3));
    page.batch(4, start(3, "image", 2, { name: "image/png", id: "gone" }), delta(3, "AAAA"), end(3, 3));
    page.batch(4, start(4, "image", 2, { name: "image/png", id: "a" }), delta(4, "<svg>"), end(4, 3));
    frame();
    expect(page.reply.querySelectorAll(".tool img")).toHaveLength(0);
    page.batch(5, end(1, 3));
    frame();
    const sources = [...page.reply.querySelectorAll("img")].map((each) => [
      each.closest(".tool") !== null,
      each.src,
    ]);
    expect(sources).toEqual([
      [true, "data:image/png;base64,iVBORw0K"],
      [false, "data:image/png;base64,AAAA"],
    ]);
  });

  it("gets its name late", () => {
    const page = new Page();
    page.batch(1, start(0, "tool", 1), delta(0, "{"));
    frame();
    expect(page.texts(".name")).toEqual(["function"]);
    page.batch(2, start(0, "tool", 2, { name: "f", id: "a" }));
    frame();
    expect(page.texts(".name")).toEqual(["f"]);
    expect(page.find(".tool").getAttribute("aria-label")).toBe("Call of f");
  });
});
