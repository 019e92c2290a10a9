import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import type { Bundle, RendererHost } from "../../renderer.ts";

/** A page that loads the real bundles, built from their sources, and says which it has been asked for. */
export class LoadingHost implements RendererHost {
  readonly asked: Bundle[] = [];
  readonly #loaded = new Map<Bundle, Promise<unknown>>();

  load(bundle: Bundle): Promise<unknown> {
    this.asked.push(bundle);
    const loaded = this.#loaded.get(bundle) ?? build(bundle);
    this.#loaded.set(bundle, loaded);
    return loaded;
  }
}

async function build(bundle: Bundle): Promise<unknown> {
  // Temml draws in standards mode only, and styles its elements; happy-dom has neither the one nor the style of MathML.
  Object.defineProperty(document, "compatMode", { value: "CSS1Compat", configurable: true });
  if (!("style" in Element.prototype))
    Object.defineProperty(Element.prototype, "style", { get: () => ({}), configurable: true });
  const { outputFiles } = await esbuild.build({
    entryPoints: [join(dirname(fileURLToPath(import.meta.url)), "..", `${bundle}.ts`)],
    bundle: true,
    format: "esm",
    target: "es2022",
    write: false,
  });
  const source = Buffer.from(outputFiles[0]?.contents ?? []).toString("base64");
  return import(/* @vite-ignore */ `data:text/javascript;base64,${source}`);
}

/** Resolves when all that was put off until later has been done. */
export async function settled(done: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200 && !done(); tries++)
    await new Promise((resolve) => setTimeout(resolve, 10));
}
