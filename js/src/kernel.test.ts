import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Kernel } from "./kernel.ts";
import { Session } from "./session.ts";
import { delta, done, end, start } from "./testing/events.ts";
import { FakeModel } from "./testing/fake_model.ts";
import { closePages, NOTHING, Page } from "./testing/page.ts";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  closePages();
  vi.useRealTimers();
});

type Slot = (sender: unknown, argument: never) => void;

class FakeSignal {
  readonly slots = new Set<Slot>();
  connect = (slot: Slot) => this.slots.add(slot);
  disconnect = (slot: Slot) => this.slots.delete(slot);
  emit(argument: unknown): void {
    for (const slot of this.slots) slot(null, argument as never);
  }
}

function pageWithKernel() {
  const statusChanged = new FakeSignal();
  const disposed = new FakeSignal();
  const kernel: Kernel = { statusChanged, disposed };
  const page = new Page({ manager: { get_model: async () => undefined, kernel } });
  page.batch(1, start(0, "reasoning", 1), delta(0, "Hm."));
  vi.advanceTimersByTime(1_020);
  return { page, statusChanged, disposed };
}

const shown = (page: Page) => page.texts("summary, .phase, .note, button.stop");
const CUT = "Cut off: the kernel is gone. What had arrived is kept here until the page is closed.";

describe("a kernel that is gone", () => {
  it.each(["restarting", "autorestarting", "dead", "disposed"])("ends the reply: %s", (how) => {
    const { page, statusChanged, disposed } = pageWithKernel();
    if (how === "disposed") disposed.emit(undefined);
    else statusChanged.emit(how);
    vi.advanceTimersByTime(20);
    expect(page.reply.classList.contains("live")).toBe(false);
    expect(shown(page)).toEqual(["Thought", CUT, "cut off after 2.0 s"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("may have been heard of wrongly: a batch brings the reply back", () => {
    const { page, statusChanged } = pageWithKernel();
    page.batch(2, start(1, "tool", 2, { name: "f", id: "a" }), end(1, 2));
    statusChanged.emit("dead");
    vi.advanceTimersByTime(20);
    expect(page.find(".tool").dataset["state"]).toBe("unrun");
    page.batch(3, delta(0, " Ah."));
    vi.advanceTimersByTime(20);
    expect(shown(page)).toEqual(["Thinking… 2.0 s", "thinking 3.0 s", "Stop"]);
    expect(page.find(".tool").dataset["state"]).toBe("waiting");
  });

  it("leaves a reply alone that has ended", () => {
    const { page, statusChanged } = pageWithKernel();
    page.batch(4, end(0, 4), done());
    statusChanged.emit("restarting");
    vi.advanceTimersByTime(20);
    expect(shown(page)).toEqual(["Thought for 3.0 s", "9.0 s"]);
  });

  it("was never there: a reply saved while it streamed", () => {
    const snapshot = { ...NOTHING, seq: 2, at: 2, events: [start(0, "text", 1), delta(0, "So.")] };
    const session = new Session(
      new FakeModel({ snapshot }),
      { load: () => Promise.reject(new Error("no")) },
      [],
      new FakeModel({}),
    );
    const el = document.createElement("div");
    el.className = "jupyter-widgets-disconnected";
    session.render(el);
    expect(el.firstElementChild?.shadowRoot?.querySelector(".note")?.textContent).toBe(CUT);
    session.dispose();
  });
});

it("is no longer watched when the reply is closed, and need not be what we know", () => {
  const { page, statusChanged, disposed } = pageWithKernel();
  statusChanged.emit("busy");
  expect(shown(page)).toEqual(["Thinking… 1.0 s", "thinking 2.0 s", "Stop"]);
  page.close();
  expect(statusChanged.slots.size + disposed.slots.size).toBe(0);
});
