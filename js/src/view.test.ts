import { beforeEach, describe, expect, it, vi } from "vitest";
import { ReasoningSection } from "./sections/reasoning.ts";
import { ToolSection } from "./sections/tool.ts";
import { delta, done, end, start } from "./testing/events.ts";
import { fakeTime, frame } from "./testing/fake_time.ts";
import { Page } from "./testing/page.ts";
import type { Event } from "./wire.ts";

fakeTime();

describe("reasoning", () => {
  const details = (page: Page) => page.find<HTMLDetailsElement>("details.reasoning");

  function thinking(): Page {
    const page = new Page();
    page.batch(1, start(0, "reasoning", 1), delta(0, "Hm."));
    frame();
    return page;
  }

  it("is open and counts while it lasts, and folds when the answer starts", () => {
    const page = thinking();
    expect(details(page).open).toBe(true);
    vi.advanceTimersByTime(1_820);
    expect(page.texts("summary")).toEqual(["Thinking… 1.8 s"]);
    page.batch(4.4, end(0, 4.4));
    frame();
    expect(page.texts("summary")).toEqual(["Thought for 3.4 s"]);
    expect(details(page).open).toBe(true);
    page.batch(4.5, start(1, "text", 4.4), delta(1, "So."));
    frame();
    expect(details(page).open).toBe(false);
  });

  it.each([
    ["open", 2, true],
    ["closed", 1, false],
  ])("stays %s when the user has made it so", (_, clicks, open) => {
    const page = thinking();
    for (let click = 0; click < clicks; click += 1) page.find("summary").click();
    page.batch(2, delta(0, " Ah."), end(0, 2), start(1, "text", 2), delta(1, "So."));
    frame();
    expect(details(page).open).toBe(open);
  });

  it("stays open when nothing follows", () => {
    const page = thinking();
    page.batch(2, end(0, 2), done({ status: "stopped" }));
    frame();
    expect(details(page).open).toBe(true);
    expect(page.texts("summary")).toEqual(["Thought for 1.0 s"]);
  });

  it("of several rounds is several sections", () => {
    const page = thinking();
    page.batch(3, end(0, 2), start(1, "tool", 2, { name: "f", id: "a" }), delta(1, "{}"), end(1, 3));
    page.batch(4, start(2, "reasoning", 4), delta(2, "Again."));
    frame();
    expect(page.texts("summary")).toEqual(["Thought for 1.0 s", "Thinking… 0.0 s"]);
    expect([...page.reply.querySelectorAll("details")].map((each) => each.open)).toEqual([false, true]);
  });

  it("may turn out late to be reasoning", () => {
    const page = new Page();
    page.batch(1, start(0, "text", 1), delta(0, "Let me see"));
    frame();
    expect(page.texts(".answer")).toEqual(["Let me see"]);
    page.batch(2, delta(0, "."), start(0, "reasoning", 2), end(0, 2), start(1, "text", 2), delta(1, "So."));
    frame();
    expect(page.texts(".thought")).toEqual(["Let me see."]);
    expect(page.texts(".answer")).toEqual(["So."]);
    expect(details(page).open).toBe(false);
    expect(page.reply.querySelector(".answer")?.previousElementSibling).toBe(details(page));
  });

  it("has no times where nobody looked at a clock", () => {
    const page = new Page();
    page.batch(1, { type: "part_start", index: 0, kind: "reasoning" }, delta(0, "Hm."));
    frame();
    expect(page.texts("summary")).toEqual(["Thinking…"]);
    page.batch(2, { type: "part_end", index: 0 }, done());
    frame();
    expect(page.texts("summary")).toEqual(["Thought"]);
  });
});

describe("an answer", () => {
  it("is drawn once: what is there is never drawn again", () => {
    const page = new Page();
    page.batch(1, start(0, "text", 1), delta(0, "One "));
    frame();
    const [paragraph, text] = [page.find(".answer p"), page.find(".answer p").firstChild];
    expect(text?.textContent).toBe("One");
    page.batch(2, delta(0, "two "), delta(0, "three"));
    frame();
    expect(page.find(".answer p")).toBe(paragraph);
    expect(paragraph.firstChild).toBe(text);
    expect(paragraph.textContent).toBe("One two three");
  });

  it("has a caret at its end while it grows", () => {
    const page = new Page();
    const carets = () => [...page.reply.querySelectorAll("[data-caret]")].map((each) => each.tagName);
    page.batch(1, start(0, "text", 1), delta(0, "One **two** three"));
    frame();
    expect(carets()).toEqual(["P"]);
    page.batch(2, delta(0, "\n\n- a\n- b *c*"));
    frame();
    expect(carets()).toHaveLength(1);
    expect(page.find("[data-caret]").closest("li")?.textContent).toContain("b c");
    page.batch(3, delta(0, "\n\n```python\nx = 1\n"));
    frame();
    expect(carets()).toEqual(["CODE"]);
    page.batch(4, end(0, 4));
    frame();
    expect(carets()).toEqual([]);
  });

  it("is busy until it ends", () => {
    const page = new Page();
    page.batch(1, start(0, "text", 1), delta(0, "One"));
    frame();
    expect(page.find(".answer").getAttribute("aria-busy")).toBe("true");
    page.batch(2, end(0, 2));
    frame();
    expect(page.find(".answer").hasAttribute("aria-busy")).toBe(false);
  });

  it("is text, whatever it says", () => {
    const page = new Page();
    const evil = '<img src=x onerror="alert(1)"><script>alert(2)</script>';
    const call = JSON.stringify({ [evil]: evil, list: [evil] });
    page.batch(
      1,
      start(0, "text", 1),
      delta(0, evil),
      start(1, "tool", 1, { name: evil, id: "a" }),
      delta(1, call),
    );
    page.batch(
      2,
      start(2, "result", 2, { id: "a" }),
      delta(2, evil),
      end(2, 2, "failed"),
      done({ status: "error", error: evil, model: evil }),
    );
    frame();
    expect(page.reply.querySelectorAll("img, script")).toHaveLength(0);
    expect(page.texts(".answer, .name, .result, .note, .model")).toEqual([evil, evil, evil, evil, evil]);
  });

  it("can be shown as it came, while it grows, and drawn again", () => {
    const page = new Page();
    page.batch(
      1,
      start(0, "text", 1),
      delta(0, "One "),
      start(1, "tool", 1, { name: "f" }),
      delta(1, '{"a": "b'),
    );
    frame();
    const raw = page.texts("button").indexOf("Raw");
    const toggle = page.reply.querySelectorAll("button")[raw] as HTMLButtonElement;
    toggle.click();
    expect(toggle.getAttribute("aria-pressed")).toBe("true");
    page.batch(2, delta(0, "two"), delta(1, '"}'), start(2, "text", 2), delta(2, "three"));
    frame();
    expect(page.texts(".answer > .raw, .arguments > .raw")).toEqual(["One two", '{"a": "b"}', "three"]);
    expect(page.texts(".answer > :not(.raw), .fields")).toEqual([]);
    toggle.click();
    expect(page.texts(".raw")).toEqual([]);
    expect(page.texts(".answer")).toEqual(["One two", "three"]);
    expect(page.texts("dd")).toEqual(["b"]);
  });

  it("can be copied as Markdown", async () => {
    const page = new Page();
    const write = vi.spyOn(navigator.clipboard, "writeText").mockResolvedValue();
    page.batch(1, start(0, "reasoning", 1), delta(0, "Hm."), start(1, "text", 1), delta(1, "**One**"));
    page.batch(2, start(2, "text", 2), delta(2, "two"), done());
    frame();
    const copy = page.find<HTMLButtonElement>('button[title="Copy the answer as Markdown"]');
    copy.click();
    await vi.advanceTimersByTimeAsync(1);
    expect(write).toHaveBeenCalledExactlyOnceWith("**One**\n\ntwo");
    expect(copy.textContent).toBe("Copied");
    await vi.advanceTimersByTimeAsync(2_000);
    expect(copy.textContent).toBe("Copy");
  });
});

describe("a section that fails", () => {
  const report = vi.fn();

  beforeEach(() => {
    report.mockClear();
    vi.stubGlobal("reportError", report);
    return () => void vi.unstubAllGlobals();
  });

  const fails = (): never => {
    throw new Error("broken");
  };

  it.each(["draw", "tick", "settle", "succeeded"] as const)(
    "in %s is shown as it came, and the others are drawn",
    (step) => {
      const page = new Page();
      vi.spyOn(ReasoningSection.prototype, step).mockImplementation(fails);
      page.batch(1, start(0, "reasoning", 1), delta(0, "*Hm*"), start(1, "text", 1), delta(1, "*One* "));
      frame();
      page.batch(2, delta(0, "."), delta(1, "two"), end(0, 2), end(1, 2), done());
      frame();
      vi.advanceTimersByTime(1_000);
      expect(page.texts(".answer em, .answer p")).toEqual(["One two", "One"]);
      expect(page.texts(".raw")).toEqual(["*Hm*."]);
      expect(page.texts(".phase")).toEqual(["9.0 s"]);
      expect(page.find('[role="status"]').textContent).toContain("Done");
      expect(report.mock.calls).toEqual([[new Error("broken")]]);
    },
  );

  it("when it is made is shown as it came", () => {
    const page = new Page();
    vi.spyOn(document, "createElement").mockImplementationOnce(fails);
    page.batch(1, start(0, "notice", 1), delta(0, "Slow."), start(1, "text", 1), delta(1, "One"));
    frame();
    expect(page.texts(".raw, .answer p")).toEqual(["Slow.", "One"]);
    page.batch(2, delta(0, " So."), done());
    frame();
    expect(page.texts(".raw, .answer p")).toEqual(["Slow. So.", "One"]);
    expect(report).toHaveBeenCalledOnce();
  });

  it("of a call keeps its arguments, its result and its picture, and hides nothing", () => {
    const page = new Page();
    const call = start(0, "tool", 1, { name: "plot", id: "a" });
    page.batch(1, call, delta(0, '{"to": "\u202e"}'), end(0, 1), start(1, "result", 1, { id: "a" }));
    page.batch(2, start(2, "image", 2, { name: "image/png", id: "a" }), delta(2, "AAAA"), end(2, 2));
    frame();
    vi.spyOn(ToolSection.prototype, "draw").mockImplementation(fails);
    page.batch(3, delta(1, "done"), end(1, 3, "done"));
    frame();
    page.batch(4, start(3, "audio", 3), delta(3, "AAAA"), start(4, "text", 3), delta(4, "There."), done());
    frame();
    expect(page.texts(".tool, .raw, .answer p")).toEqual(['{"to": "\\u202e"}', "done", "There."]);
    expect(page.reply.querySelectorAll("img")).toHaveLength(1);
    expect(report).toHaveBeenCalledOnce();
  });

  it("as raw text is no reason to show the others drawn", () => {
    const page = new Page();
    page.batch(1, start(0, "tool", 1, { name: "f" }), delta(0, "{}"), start(1, "text", 1), delta(1, "*One*"));
    frame();
    vi.spyOn(ToolSection.prototype, "setRaw").mockImplementation(fails);
    const raw = [...page.reply.querySelectorAll("button")].find((each) => each.textContent === "Raw");
    raw?.click();
    frame();
    expect(page.texts(".raw")).toEqual(["{}", "*One*"]);
    expect(report).toHaveBeenCalledOnce();
  });
});

describe("choices", () => {
  it("stand apart, in order, under their numbers", () => {
    const page = new Page();
    page.batch(1, start(0, "text", 1, { choice: 2 }), delta(0, "C"), start(1, "text", 1), delta(1, "A"));
    page.batch(2, start(2, "text", 1, { choice: 1 }), delta(2, "B"), end(2, 2, "length"), delta(1, "a"));
    frame();
    expect(page.texts(".choice")).toEqual([
      "Aa",
      "choice 2BCut off at the limit of tokens. Raise max_tokens to read on.",
      "choice 3C",
    ]);
  });
});

describe("a screen reader", () => {
  it("hears each phase once, and how it ended", () => {
    const page = new Page();
    const steps: Event[][] = [
      [start(0, "reasoning", 1), delta(0, "Hm.")],
      [delta(0, " Ah.")],
      [end(0, 2), start(1, "tool", 2, { name: "f", id: "a" }), start(2, "tool", 2, { name: "g", id: "b" })],
      [delta(1, "{}"), delta(2, "{}")],
      [end(1, 3), end(2, 3), start(3, "result", 3, { id: "a" }), delta(3, "4")],
      [end(3, 4, "done"), start(4, "text", 4), delta(4, "It is ")],
      [delta(4, "4.")],
      [end(4, 5), done({ output_tokens: 1 })],
    ];
    const said = steps.map((events) => {
      page.batch(1, ...events);
      vi.advanceTimersByTime(300);
      return page.find('[role="status"]').textContent;
    });
    expect(said).toEqual([
      "Thinking…",
      "Thinking…",
      "Calling tools…",
      "Calling tools…",
      "Running tools…",
      "Answering…",
      "Answering…",
      "Done after 9.0 s, 1 token.",
    ]);
  });
});
