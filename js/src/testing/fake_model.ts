import type { Model, WidgetManager } from "../model.ts";

type Callback = (value: never) => void;

/** A model as a front end hands it to a widget, with the kernel's end in the test's hands. */
export class FakeModel implements Model {
  readonly sent: unknown[] = [];
  readonly widget_manager: WidgetManager;
  readonly #state: Record<string, unknown>;
  readonly #listeners = new Set<readonly [name: string, callback: Callback]>();

  constructor(state: Record<string, unknown>, manager: WidgetManager = { get_model: async () => undefined }) {
    this.#state = state;
    this.widget_manager = manager;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  get(name: string): unknown {
    return this.#state[name];
  }

  on(name: string, callback: Callback): void {
    this.#listeners.add([name, callback]);
  }

  off(name?: string | null, callback?: Callback | null): void {
    for (const each of this.#listeners) {
      if (each[0] === name && each[1] === callback) this.#listeners.delete(each);
    }
  }

  send(content: unknown): void {
    this.sent.push(content);
  }

  /** The kernel sends a custom message. */
  message(content: unknown): void {
    this.#emit("msg:custom", content);
  }

  /** The kernel sets a trait. */
  update(name: string, value: unknown): void {
    this.#state[name] = value;
    this.#emit(`change:${name}`, value);
  }

  #emit(name: string, value: unknown): void {
    for (const [each, callback] of [...this.#listeners]) if (each === name) callback(value as never);
  }
}
