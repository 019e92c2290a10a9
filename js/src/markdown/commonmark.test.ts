import MarkdownIt from "markdown-it";
import { expect, test, vi } from "vitest";
import { parser } from "./inline/syntax.ts";
import { type Example, examples } from "./testing/commonmark.ts";
import { draw, every } from "./testing/draw.ts";
import { canonical, specHtml } from "./testing/spec_html.ts";

/*
 * Every example of CommonMark 0.31.2, drawn whole and in pieces. What differs from the specification, and is meant to:
 *
 * - raw HTML is text: those examples are compared with markdown-it, which is told the same;
 * - bare addresses are links, as in GFM (602, 608, 611, 612);
 * - a language becomes a class name as far as it is one (34, 144).
 *
 * `specHtml` writes what only looks different as the specification has it: images are chips, and links that lead to no web page
 * are not followed.
 */

vi.setConfig({ testTimeout: 60_000 });

const AUTOLINKED = new Set([602, 608, 611, 612]);
const LANGUAGE = new Map([
  [34, ' class="language-f"'],
  [144, ""],
]);

const reference = new MarkdownIt("commonmark");
const isHtml = ({ markdown }: Example) => JSON.stringify(reference.parse(markdown, {})).includes('"html_');

function expected(example: Example): string {
  const { number, markdown, html } = example;
  if (!isHtml(example) && !AUTOLINKED.has(number)) {
    const language = LANGUAGE.get(number);
    return canonical(language === undefined ? html : html.replace(/ class="[^"]*"/, language));
  }
  parser.set({ xhtmlOut: true });
  return canonical(parser.render(markdown, { references: {}, isNote: () => false, live: false }));
}

test("has all the examples there are", () => {
  expect(examples.length).toBe(652);
  expect(examples.filter(isHtml).length).toBe(72);
});

test.each([Number.MAX_SAFE_INTEGER, 1, 2, 3, 7])("every example, in pieces of %d", (size) => {
  const wrong = examples.flatMap((example) => {
    const drawn = specHtml(draw(example.markdown, every(size, example.markdown)));
    return drawn === expected(example) ? [] : [{ ...example, drawn, expected: expected(example) }];
  });
  expect(wrong).toEqual([]);
});
