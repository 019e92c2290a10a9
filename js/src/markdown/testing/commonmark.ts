import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** An example of the CommonMark specification. */
export interface Example {
  readonly number: number;
  readonly section: string;
  readonly markdown: string;
  readonly html: string;
}

const file = createRequire(import.meta.url).resolve("commonmark-spec/spec.txt");

/** The text of the specification, 0.31.2, itself a long Markdown document. */
export const specification = readFileSync(file, "utf8").replace(/^---\n[\s\S]*?\n\.\.\.\n/, "");

/** All of its examples. */
export const examples: readonly Example[] = readExamples();

function readExamples(): Example[] {
  const found: Example[] = [];
  let section = "";
  const pattern = /^`{32} example\n([\s\S]*?)^\.\n([\s\S]*?)^`{32}$|^#{1,6} *(.*)$/gm;
  for (const [, markdown, html, heading] of specification.matchAll(pattern)) {
    if (markdown === undefined) section = heading ?? "";
    else found.push({ number: found.length + 1, section, markdown: tabs(markdown), html: tabs(html ?? "") });
  }
  return found;
}

/** The specification writes tabs as arrows. */
function tabs(text: string): string {
  return text.replaceAll("→", "\t");
}
