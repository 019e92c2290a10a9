import type { Model } from "./model.ts";
import type { RendererHost } from "./renderer.ts";
import { Session } from "./session.ts";

/** The other side of `stub.ts`: `model` is a reply, `inbox` its messages so far; what follows goes to `receive`. `code` is the one code model. */
export function attach(model: Model, host: RendererHost, inbox: readonly unknown[], code: Model): Session {
  return new Session(model, host, inbox, code);
}
