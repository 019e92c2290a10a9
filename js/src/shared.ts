import type { Log } from "./log.ts";
import type { Model } from "./model.ts";

/** What many replies get in one message of the code model, by their numbers. */
interface Message {
  readonly type: "batches" | "snapshots";
  readonly replies: Readonly<Record<string, unknown>>;
}

/** Picks what is for reply `number` out of what `code` gets for all of them. */
export class Shared {
  readonly #code: Model;
  readonly #listener: (message: unknown) => void;

  constructor(code: Model, number: number, log: Log) {
    this.#code = code;
    this.#listener = (message) => {
      const { type, replies } = (message ?? {}) as Partial<Message>;
      if (!replies || !Object.hasOwn(replies, number)) return;
      if (type === "batches") log.receive(replies[number]);
      else if (type === "snapshots") log.restore(replies[number]);
    };
    code.on("msg:custom", this.#listener);
  }

  dispose(): void {
    this.#code.off("msg:custom", this.#listener);
  }
}
