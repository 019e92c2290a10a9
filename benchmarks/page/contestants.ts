import DOMPurify from "dompurify";
import { marked } from "marked";
import * as smd from "streaming-markdown";
import type { RendererHost } from "../../js/src/renderer.ts";
import { MarkdownRenderer } from "../../js/src/markdown/index.ts";
import css from "../../js/src/markdown/style.css";

/** Draws a text that grows. */
export interface Contestant {
  append(text: string): void;
  /** May read the layout. */
  settle?(): void;
  end(): void;
}

/** The real bundles, fetched when they are asked for. */
const host: RendererHost = { load: (name) => import(new URL(`./${name}.js`, import.meta.url).href) };

function ours(root: ShadowRoot, more = ""): Contestant {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`:host { display: block; --q-fg: #1c1f23; --q-muted: #5b636e; --q-line: #dfe3e8; --q-soft: #f5f6f8;
    --q-accent: #5b4fd6; --q-mono: monospace; } ${css} ${more}`);
  root.adoptedStyleSheets = [sheet];
  const renderer = new MarkdownRenderer(document, host);
  root.append(renderer.node);
  return renderer;
}

function streamingMarkdown(root: ShadowRoot): Contestant {
  const node = document.createElement("div");
  root.append(node);
  const parser = smd.parser(smd.default_renderer(node));
  return { append: (text) => smd.parser_write(parser, text), end: () => smd.parser_end(parser) };
}

/** All of the text parsed, cleaned and drawn anew each time. */
function markedInnerHtml(root: ShadowRoot): Contestant {
  const node = document.createElement("div");
  root.append(node);
  let all = "";
  return {
    append(text) {
      all += text;
      node.innerHTML = DOMPurify.sanitize(marked.parse(all, { async: false }));
    },
    end() {},
  };
}

/** Each draws in a shadow root, as in a widget. */
export const contestants: Readonly<Record<string, (root: ShadowRoot) => Contestant>> = {
  ours: (root) => ours(root),
  "ours, all laid out": (root) => ours(root, ".md-past { content-visibility: visible !important; }"),
  "streaming-markdown": streamingMarkdown,
  "marked + DOMPurify + innerHTML": markedInnerHtml,
};
