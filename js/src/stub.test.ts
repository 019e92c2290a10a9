// @vitest-environment node
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Model, WidgetManager } from "./model.ts";
import type { Bundle } from "./renderer.ts";
import stub from "./stub.ts";
import { FakeModel } from "./testing/fake_model.ts";

/** A core that writes down what happens to it. */
const CORE = `
  globalThis.happened.push("evaluated");
  export function attach(model, host, inbox) {
    const { happened } = globalThis;
    happened.push(["attached", [...inbox]]);
    globalThis.load = host.load;
    return {
      receive: (message) => happened.push(["received", message]),
      dispose: () => happened.push("disposed"),
      render: (el) => { el.textContent = "drawn"; return () => { el.textContent = "taken away"; }; },
    };
  }`;

let happened: unknown[];
let version = 0;

/** A code model that no other has the like of. */
function codeModel(source: string): FakeModel {
  version += 1;
  const packed = new Uint8Array(gzipSync(`${source}\n// ${version}`));
  return new FakeModel({ hash: `hash ${version}`, code: new DataView(packed.buffer), bundles: {} });
}

function managerOf(models: Record<string, Model | Promise<Model>>): WidgetManager {
  return { get_model: async (id) => models[id] };
}

function replyOf(manager: WidgetManager): FakeModel {
  return new FakeModel({ _code: "core" }, manager);
}

/** An element, as far as the stub needs one. */
function place(): HTMLElement {
  return { textContent: "" } as HTMLElement;
}

function open(model: Model, el = place()) {
  const widget = stub();
  return { widget, close: widget.initialize({ model, el }), el };
}

/** Lets streams and imports go on, which no clock of a test drives, until `count` things have happened. */
async function until(count: number): Promise<void> {
  const start = performance.now();
  while (happened.length < count && performance.now() - start < 10_000) await turn();
  for (let turns = 0; turns < 20; turns += 1) await turn();
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

beforeEach(() => {
  happened = [];
  vi.stubGlobal("happened", happened);
  // Node imports no `blob:` addresses, but `data:` ones.
  const sources = new Map<Blob, string>();
  class SourceBlob extends Blob {
    constructor(parts: BlobPart[], options?: BlobPropertyBag) {
      super(parts, options);
      if (typeof parts[0] === "string") sources.set(this, parts[0]);
    }
  }
  vi.stubGlobal("Blob", SourceBlob);
  vi.spyOn(URL, "createObjectURL").mockImplementation((blob) => {
    return `data:text/javascript,${encodeURIComponent(sources.get(blob as Blob) ?? "")}`;
  });
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("initialize", () => {
  it("returns at once, and loses nothing when the code comes four seconds late", async () => {
    let arrive: (model: Model) => void = () => {};
    const core = new Promise<Model>((resolve) => {
      arrive = resolve;
    });
    const model = replyOf(managerOf({ core }));
    const { close } = open(model);
    expect(close).toBeTypeOf("function");
    const early = Array.from({ length: 20 }, (_, seq) => ({ seq }));
    for (const message of early) {
      model.message(message);
      await vi.advanceTimersByTimeAsync(200);
    }
    expect(happened).toEqual([]);
    arrive(codeModel(CORE));
    await until(2);
    model.message("late");
    expect(happened).toEqual(["evaluated", ["attached", early], ["received", "late"]]);
  });

  it("waits for a code model that the front end is told of later", async () => {
    const models: Record<string, Model> = {};
    const manager = managerOf(models);
    const get = vi.spyOn(manager, "get_model");
    get.mockRejectedValueOnce(new Error("widget model not found"));
    open(replyOf(manager));
    await vi.advanceTimersByTimeAsync(1_200);
    models["core"] = codeModel(CORE);
    await vi.advanceTimersByTimeAsync(500);
    await until(2);
    expect(happened).toEqual(["evaluated", ["attached", []]]);
    expect(get).toHaveBeenCalledTimes(4);
  });

  it("evaluates the code once for twenty replies, and each version of it", async () => {
    const core = codeModel(CORE);
    const manager = managerOf({ core });
    for (let count = 0; count < 20; count += 1) open(replyOf(manager));
    await until(21);
    expect(happened.filter((each) => each === "evaluated")).toHaveLength(1);
    expect(happened).toHaveLength(21);
    open(replyOf(managerOf({ core: codeModel(CORE) })));
    await until(23);
    expect(happened.filter((each) => each === "evaluated")).toHaveLength(2);
  });

  it("is made once for all replies of a page, each of which brings its text", async () => {
    const own = await vi.importActual<typeof import("./stub.ts")>("./stub.ts?again");
    expect(own.default).toBe(stub);
  });

  it("leaves nothing behind when it is closed, before or after the code has come", async () => {
    const core = codeModel(CORE);
    const model = replyOf(managerOf({ core }));
    const first = open(model);
    first.close();
    expect(model.listeners).toBe(0);
    await until(3);
    const second = open(model);
    await until(4);
    second.close();
    await until(5);
    expect(model.listeners).toBe(0);
    expect(happened.filter((each) => each === "disposed")).toHaveLength(2);
  });
});

describe("render", () => {
  it("says that it waits, draws, and takes away what it drew", async () => {
    const { widget, el } = open(replyOf(managerOf({ core: codeModel(CORE) })));
    const drop = widget.render({ model: replyOf(managerOf({})), el });
    expect(el.textContent).toBe("Loading the reply…");
    await until(2);
    expect(el.textContent).toBe("drawn");
    drop();
    expect(el.textContent).toBe("taken away");
  });

  it("draws nothing in a view that was closed before the code came", async () => {
    const { widget, el } = open(replyOf(managerOf({ core: codeModel(CORE) })));
    widget.render({ model: replyOf(managerOf({})), el })();
    await until(2);
    expect(el.textContent).toBe("Loading the reply…");
  });

  it.each([
    ["the code is not there", {}, "its code is not there"],
    ["the code is broken", { core: codeModel("export const attach = ;") }, "Unexpected token"],
  ])("says what to do when %s", async (_, models, reason) => {
    const model = replyOf(managerOf(models));
    const { widget, el, close } = open(model);
    const drop = widget.render({ model, el });
    await vi.advanceTimersByTimeAsync(30_000);
    await vi.waitFor(() => expect(el.textContent).toContain(reason));
    expect(el.textContent).toContain("qn.last");
    drop();
    close();
  });
});

describe("further code", () => {
  const load = (bundle: Bundle) =>
    (globalThis as unknown as { load: (bundle: Bundle) => Promise<unknown> }).load(bundle);

  it("comes when the kernel has opened it", async () => {
    const models: Record<string, Model> = {
      core: codeModel(CORE),
      m: codeModel("export const answer = 42;"),
    };
    const core = models["core"] as FakeModel;
    Object.assign(core, { widget_manager: managerOf(models) });
    open(replyOf(managerOf(models)));
    await until(2);
    const early = load("math");
    core.update("bundles", { highlight: "h" });
    await until(0);
    core.update("bundles", { highlight: "h", math: "m" });
    await expect(early).resolves.toMatchObject({ answer: 42 });
    await expect(load("math")).resolves.toBe(await early);
    expect(core.listeners).toBe(0);
  });

  it("is not waited for by a reply that is closed", async () => {
    const core = codeModel(CORE);
    const { close } = open(replyOf(managerOf({ core })));
    await until(2);
    void load("math");
    expect(core.listeners).toBe(1);
    close();
    expect(core.listeners).toBe(0);
  });
});
