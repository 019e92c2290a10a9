/**
 * The `_esm` of every reply: it keeps messages until the page's code is there, and gets that code from the one code model.
 *
 * `initialize` is synchronous: anywidget gives up after two seconds, and then drops every message of the widget, silently.
 */
import type * as Core from "./core.ts";
import type { Model } from "./model.ts";
import type { Bundle } from "./renderer.ts";
import type { Session } from "./session.ts";

interface Props {
  model: Model;
  el: HTMLElement;
}

/** The front end may be told of the code model later than of the reply; ipywidgets itself waits two seconds for a model. */
const TRIES = 10;
const PAUSE = 500;

/** What does the work; `modules` are those of the page's code by their hash. */
function make(modules: Map<unknown, Promise<unknown>>) {
  /** The model with this `id`, as soon as the front end knows it. */
  async function find(manager: Model["widget_manager"], id: string): Promise<Model> {
    for (let tries = TRIES; ; tries -= 1) {
      try {
        const model = await manager.get_model(id);
        if (model) return model;
      } catch (error) {
        if (tries <= 1) throw error;
      }
      if (tries <= 1) throw new Error("its code is not there");
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }

  /** The exports of the code that `model` carries, evaluated once in a page. */
  function evaluate(model: Model): Promise<unknown> {
    const hash = model.get("hash");
    let module = modules.get(hash);
    if (!module) {
      module = unpack(model.get("code") as DataView<ArrayBuffer>);
      module.catch(() => modules.delete(hash));
      modules.set(hash, module);
    }
    return module;
  }

  async function unpack(code: DataView<ArrayBuffer>): Promise<unknown> {
    const stream = new Blob([code]).stream().pipeThrough(new DecompressionStream("gzip"));
    const source = await new Response(stream).text();
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    try {
      return await import(url);
    } finally {
      URL.revokeObjectURL(url);
    }
  }

  /** The code of `bundle`, when the kernel has opened it; never, if `life` ends before. */
  async function load(core: Model, bundle: Bundle, life: AbortSignal): Promise<unknown> {
    const id = () => (core.get("bundles") as Partial<Record<Bundle, string>> | undefined)?.[bundle];
    if (!id()) {
      await new Promise<void>((resolve) => {
        const leave = () => core.off("change:bundles", look);
        const look = () => {
          if (!id()) return;
          leave();
          resolve();
        };
        core.on("change:bundles", look);
        life.addEventListener("abort", leave);
      });
    }
    return evaluate(await find(core.widget_manager, id() as string));
  }

  /** Front ends call this once for each reply. */
  return () => {
    let session: Promise<Session>;
    return {
      initialize({ model }: Props) {
        const life = new AbortController();
        const inbox: unknown[] = [];
        let receive = (message: unknown): void => void inbox.push(message);
        const listener = (message: unknown) => receive(message);
        model.on("msg:custom", listener);
        session = (async () => {
          const code = await find(model.widget_manager, model.get("_code") as string);
          const { attach } = (await evaluate(code)) as typeof Core;
          const attached = attach(model, { load: (bundle) => load(code, bundle, life.signal) }, inbox, code);
          receive = (message) => attached.receive(message);
          return attached;
        })();
        session.catch(() => {
          receive = () => {};
        });
        return () => {
          life.abort();
          model.off("msg:custom", listener);
          session.then(
            (attached) => attached.dispose(),
            () => {},
          );
        };
      },

      render({ el }: Props) {
        let drop: (() => void) | undefined;
        let dropped = false;
        el.textContent = "Loading the reply…";
        session.then(
          (attached) => {
            if (dropped) return;
            el.textContent = "";
            drop = attached.render(el);
          },
          (error: unknown) => {
            el.textContent = `The reply cannot be shown (${error instanceof Error ? error.message : error}). Its text is in qn.last; running the cell again shows it again.`;
          },
        );
        return () => {
          dropped = true;
          drop?.();
        };
      },
    };
  };
}

/** What all replies of the page share, whichever version of this file they bring. */
const page = globalThis as {
  qwen_nb_modules?: Map<unknown, Promise<unknown>>;
  qwen_nb_stubs?: Map<string, ReturnType<typeof make>>;
};
page.qwen_nb_modules ??= new Map();
page.qwen_nb_stubs ??= new Map();

/** A browser keeps every module that it has evaluated, with its compiled code: of the same text, only the first is used. */
const text = String(make);
const made = page.qwen_nb_stubs.get(text) ?? make(page.qwen_nb_modules);
page.qwen_nb_stubs.set(text, made);

export default made;
