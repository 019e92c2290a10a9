import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { closePages, Page } from "./testing/page.ts";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  closePages();
  vi.useRealTimers();
});

const end = { type: "stream_end", status: "stopped", at: 2 } as const;

function pageWith(kernel?: { interrupt?(): Promise<void> } | null): Page {
  return new Page({
    manager: { get_model: async () => undefined, ...(kernel === undefined ? {} : { kernel }) },
  });
}

function press(page: Page): void {
  page.find("button.stop").click();
}

it("asks the kernel, which answers", async () => {
  const interrupt = vi.fn(async () => {});
  const page = pageWith({ interrupt });
  press(page);
  press(page);
  expect(page.model.sent).toEqual([{ type: "stop" }]);
  vi.advanceTimersByTime(100);
  expect(page.texts("button.stop")).toEqual(["Stopping…"]);
  page.session.receive({ type: "stopping" });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(interrupt).not.toHaveBeenCalled();
  expect(page.texts("button.stop")).toEqual(["Stopping…"]);
  page.batch(2, end);
  vi.advanceTimersByTime(20);
  expect(page.texts("button.stop")).toEqual([]);
  expect(page.texts(".note")).toEqual(["Stopped. What had arrived is kept."]);
});

it("interrupts a kernel that does not answer", async () => {
  const interrupt = vi.fn(async () => {});
  const page = pageWith({ interrupt });
  press(page);
  await vi.advanceTimersByTimeAsync(299);
  expect(interrupt).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(interrupt).toHaveBeenCalledOnce();
  await vi.advanceTimersByTimeAsync(20);
  expect(page.texts("button.stop")).toEqual(["Stopping…"]);
  expect(page.texts(".help")).toEqual([]);
});

it.each([
  ["no kernel", undefined],
  ["a kernel that is null", null],
  ["a kernel without interrupt", {}],
  ["an interrupt that is refused", { interrupt: () => Promise.reject(new Error("no")) }],
  [
    "an interrupt that throws",
    {
      interrupt: () => {
        throw new Error("no");
      },
    },
  ],
])("points to the notebook's stop button: %s", async (_, kernel) => {
  const page = pageWith(kernel);
  press(page);
  await vi.advanceTimersByTimeAsync(320);
  expect(page.texts("button.stop")).toEqual([]);
  expect(page.texts(".help")).toEqual(["Press the notebook’s own stop button."]);
  page.session.receive({ type: "stopping" });
  await vi.advanceTimersByTimeAsync(20);
  expect(page.texts("button.stop")).toEqual(["Stopping…"]);
});

it("does not interrupt for a reply that has ended or gone meanwhile", async () => {
  const interrupt = vi.fn(async () => {});
  const page = pageWith({ interrupt });
  press(page);
  page.batch(2, end);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(interrupt).not.toHaveBeenCalled();
  const other = pageWith({ interrupt });
  press(other);
  other.close();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(interrupt).not.toHaveBeenCalled();
});
