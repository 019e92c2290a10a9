/**
 * Bundles `src/` into `../qwen_nb/static/`:
 *
 *   stub.js                            the `_esm` of every reply
 *   core.js.gz                         the page's code, once for each page
 *   math.js.gz, highlight.js.gz        loaded when the first formula or fence appears
 *   THIRD_PARTY_LICENSES.txt           of the packages that are in them
 *
 * The same sources give the same bytes. `--watch` builds again when a source changes.
 */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const target = fileURLToPath(new URL("../qwen_nb/static/", import.meta.url));

const plain = { stub: "src/stub.ts" };
const gzipped = {
  core: "src/core.ts",
  math: "src/markdown/math.ts",
  highlight: "src/markdown/highlight.ts",
};

/** A style sheet is imported as its minified text; `style.ts` adopts it in a shadow root. */
const cssAsText = {
  name: "css-as-text",
  setup(build) {
    build.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      const { code } = await esbuild.transform(source, { loader: "css", minify: true, target: "es2022" });
      return { contents: code, loader: "text" };
    });
  },
};

/** The browser knows which characters are symbols: the table of them, of which nothing else is built, stays at home. */
const ownSymbols = {
  name: "own-symbols",
  setup(build) {
    build.onLoad({ filter: /uc\.micro.*\.mjs$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      return { contents: source.replace(/^const S = .*$/m, "const S = /\\p{S}/u;") };
    });
  },
};

/**
 * gzip with the one byte that names the operating system set to "unknown" (RFC 1952, 2.3.1). With less memory than the default its
 * blocks are shorter, and each has a code of its own, which suits what is a bundle of unlike things.
 */
function gzip(bytes) {
  const packed = gzipSync(bytes, { level: 9, memLevel: 6 });
  packed[9] = 255;
  return packed;
}

/** The licences of all packages of which `metafile` says that something is in a bundle: they want to go along with it. */
async function licenses(metafile) {
  const packages = new Set();
  for (const { inputs } of Object.values(metafile.outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const [, name] = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path) ?? [];
      if (name && bytesInOutput > 0) packages.add(name);
    }
  }
  const texts = [];
  for (const name of [...packages].sort()) {
    const folder = `${here}node_modules/${name}/`;
    const file = (await readdir(folder)).find((each) => /^licen[cs]e/i.test(each));
    if (file === undefined)
      throw new Error(`${name} is in the bundle, and its licence is not in the package`);
    const { version } = JSON.parse(await readFile(`${folder}package.json`, "utf8"));
    const text = (await readFile(`${folder}${file}`, "utf8")).trim().replaceAll("\r\n", "\n");
    texts.push(`${name} ${version}\n\n${text}\n`);
  }
  return texts.join(`\n${"-".repeat(80)}\n\n`);
}

const writeOutputs = {
  name: "write-outputs",
  setup(build) {
    build.onEnd(async ({ errors, outputFiles, metafile }) => {
      if (errors.length) return;
      await mkdir(target, { recursive: true });
      await writeFile(`${target}THIRD_PARTY_LICENSES.txt`, await licenses(metafile));
      for (const { path, contents } of outputFiles) {
        const name = basename(path);
        const packed = gzip(contents);
        const stem = name.replace(/\.js$/, "");
        if (stem in plain) await writeFile(`${target}${name}`, contents);
        else await writeFile(`${target}${name}.gz`, packed);
        console.log(`${name.padEnd(14)} ${contents.length} bytes, ${packed.length} gzipped`);
      }
    });
  },
};

const options = {
  absWorkingDir: here,
  entryPoints: { ...plain, ...gzipped },
  outdir: target,
  write: false,
  metafile: true,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  legalComments: "eof",
  // Without this a dependency in UMD form hands itself to RequireJS where the page has one.
  define: { "define.amd": "false" },
  // markdown-it takes one function of it, which drags in a table of all named characters: 16 kB gzipped.
  alias: { entities: "./src/markdown/inline/entities.ts" },
  plugins: [cssAsText, ownSymbols, writeOutputs],
};

if (process.argv.includes("--watch")) {
  await (await esbuild.context(options)).watch();
} else {
  await esbuild.build(options);
}
