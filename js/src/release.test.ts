import { describe, expect, it } from "vitest";
import { releaseModel } from "./release.ts";

describe("a model that is destroyed", () => {
  it("is let go by its comm, which the kernel of the page keeps", () => {
    const listeners: (() => void)[] = [];
    const comm = {
      on_msg: (listener: () => void) => listeners.push(listener),
      on_close: (listener: () => void) => listeners.push(listener),
    };
    releaseModel({ comm });
    expect(listeners).toHaveLength(2);
  });

  it("may have no comm, or one that is not as we know it", () => {
    releaseModel(undefined);
    releaseModel({});
    releaseModel({ comm: {} });
  });
});
