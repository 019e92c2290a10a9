import type { RendererHost } from "../../renderer.ts";
import { MarkdownRenderer } from "../index.ts";

/** A page that never loads math or highlighting: formulas and code stay as they were written. */
export const bareHost: RendererHost = { load: () => new Promise(() => {}) };

/** `text` drawn in one piece, or cut before each index in `cuts`, which ascend. */
export function draw(text: string, cuts: readonly number[] = [], host: RendererHost = bareHost): HTMLElement {
  const renderer = new MarkdownRenderer(document, host);
  let start = 0;
  for (const end of [...cuts, text.length]) {
    renderer.append(text.slice(start, end));
    start = end;
  }
  renderer.end();
  return renderer.node;
}

/** The indices that cut `text` into pieces of `size` units. */
export function every(size: number, text: string): number[] {
  const cuts: number[] = [];
  for (let index = size; index < text.length; index += size) cuts.push(index);
  return cuts;
}

/** What is drawn of `text` while more of it is to come. */
export function drawUnfinished(text: string): HTMLElement {
  const renderer = new MarkdownRenderer(document, bareHost);
  renderer.append(text);
  return renderer.node;
}
