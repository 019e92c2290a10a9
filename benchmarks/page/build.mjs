/** Bundles the page, and with it what is measured, into `build/`. Uses the esbuild of `js/`. */
import { copyFile, mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const esbuild = createRequire(new URL("../../js/package.json", import.meta.url))("esbuild");

await mkdir(`${here}build`, { recursive: true });
await esbuild.build({
  absWorkingDir: here,
  entryPoints: { page: "page.ts", math: "../../js/src/markdown/math.ts", highlight: "../../js/src/markdown/highlight.ts" },
  outdir: "build",
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  loader: { ".css": "text" },
  alias: { entities: "../../js/src/markdown/inline/entities.ts" },
});
await copyFile(`${here}page.html`, `${here}build/page.html`);
