import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { findCut } from "./cut.ts";
import { parseInline } from "./syntax.ts";
import { add, type Inline, inlineTree } from "./tree.ts";

vi.setConfig({ testTimeout: 60_000 });

/** Texts for the property; set the variable to look harder. */
const RUNS = Number(process.env["RUNS"] ?? 3000);

const around = { references: {}, isNote: () => true, live: false };

function read(text: string): Inline[] {
  return inlineTree(parseInline(text, around));
}

test.each([
  ["some words that", "some words "],
  ["a **bold** word", "a **bold** "],
  ["a **bold wo", "a "],
  ["`code span` and *", "`code span` and "],
  ["see [text](http://x.y/a_b) or", "see [text](http://x.y/a_b) "],
  ["see [text](http://x.y/a", "see "],
  ["see [text](http://x.y/ 'or", "see "],
  ["see [text](no link) or", "see [text](no link) "],
  ["in [0, 1) and on", "in "],
  ["$x + y$ is", "$x + y$ "],
  ["$5 and more", "$5 and "],
  ["snake_case and __init__ wo", "snake_case and __init__ "],
  ["go to https://a.b/c_d, then", "go to https://a.b/c_d, "],
  ["中文没有空格，但", "中文没有空格，"],
  ["**中文**没有空", "**中文**没有"],
  ["见http://a.b/路径，这", ""],
  ["2 * 3 * 4", "2 * 3 * "],
  ["a line\nand another", "a line\nand "],
  ["***both** one* an", "***both** one* "],
])("%j is cut after %j", (text, before) => {
  expect(text.slice(0, findCut(text).at)).toBe(before);
});

const PIECES = [
  ..."*_`~[]()<!\\$:.,".split(""),
  ...["**", "__", "``", "~~", "](", "![", "\\*", "\\(", "\\)", "$$", "\n", "  \n", " ", " ", " "],
  ...[
    "foo",
    "bar ",
    "中文",
    "。",
    "“",
    "a_b_c",
    "2*3",
    "http://a.b/c_d",
    "www.a.com",
    "x@y.com",
    "<http://q.r>",
    "[^1]",
    "&amp;",
  ],
];

test("whatever follows, a text is read as its two halves are", () => {
  const text = fc
    .array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 16 })
    .map((parts) => parts.join(""));
  const property = fc.property(text, text, (head, tail) => {
    const { at } = findCut(head);
    const halves = read(head.slice(0, at));
    for (const item of read(head.slice(at) + tail)) add(halves, item);
    expect(halves).toEqual(read(head + tail));
  });
  fc.assert(property, { numRuns: RUNS });
});
