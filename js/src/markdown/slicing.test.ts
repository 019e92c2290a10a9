import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { parser } from "./inline/syntax.ts";
import { answers } from "./testing/answers.ts";
import { specification } from "./testing/commonmark.ts";
import { draw, every } from "./testing/draw.ts";
import { canonical, specHtml } from "./testing/spec_html.ts";

/* However a text is cut, what is drawn at the end is what is drawn of it in one piece, and what markdown-it makes of it. */

vi.setConfig({ testTimeout: 60_000 + 20 * Number(process.env["RUNS"] ?? 0) });

/** Texts for each property; set the variable to look harder. */
const RUNS = Number(process.env["RUNS"] ?? 800);

/** Markup that opens, closes or breaks something, and what stands around it. */
const PIECES = [
  ..."*_`~[]()<>!|:.,'\"&\\$-+#^{}".split(""),
  ...[
    "**",
    "__",
    "``",
    "~~",
    "](",
    "![",
    "\\*",
    "\\[",
    "\\]",
    "\\(x\\)",
    "$$",
    "$x^2$",
    "$5",
    "&amp;",
    "  \n",
    "\\\n",
  ],
  ...["foo", "bar ", "word word ", "a_b_c", "2*3", "é", "😀", "中文", "。", "“重要”", "日本語、"],
  ...["http://a.b/c_d", "https://x.y", "www.a.com", "x@y.com", "<http://q.r>", "[bar][foo]", "[^1]"],
  ...["\n", "\n", "\n", "\n\n", "\n\n", " ", "\t", "    "],
  ...["- ", "* ", "+ ", "1. ", "2) ", "- [x] ", "- [ ] t\n", "> ", "# ", "## x", "```\n", "```py\n", "~~~\n"],
  ...[
    "---\n",
    "===\n",
    "***\n",
    "| a | b |\n",
    "|---|:-:|\n",
    "[foo]: /url\n",
    "[bar]: <x y> 'tt'\n",
    "[^1]: n",
  ],
];

/** What markdown-it has no rules for, or other ones: definitions end only at a blank line here, code keeps no indentation. */
const OURS = /\$|\\[[\](]|\[\^|\[[ x]\]|\]:|`|\t| {4}/;

const text = (pieces: readonly string[]) =>
  fc.array(fc.constantFrom(...pieces), { minLength: 2, maxLength: 40 }).map((parts) => parts.join(""));
const withCuts = (source: fc.Arbitrary<string>) =>
  source.chain((whole) =>
    fc.tuple(
      fc.constant(whole),
      fc
        .uniqueArray(fc.nat(whole.length), { maxLength: whole.length })
        .map((cuts) => cuts.sort((a, b) => a - b)),
    ),
  );

test("texts of random markup, cut anywhere", () => {
  const property = fc.property(withCuts(text(PIECES)), ([whole, cuts]) => {
    expect(draw(whole, cuts).innerHTML).toBe(draw(whole).innerHTML);
  });
  fc.assert(property, { numRuns: RUNS });
});

/**
 * Where markdown-it differs from the reference implementations: it has a table where CommonMark's own rules have a list, a quote or
 * a heading, ends a list at an empty item that blank lines follow, and counts a blank line in an open fence for the list.
 */
const THEIRS =
  /^\s*(?:[-*+>#]|\d+[.)]).*\|.*\n\s*[|:-]|\|.*\n\s*-+\s*$|(?:[-*+]|\d[.)])\s*(?:\n\s*\n|~~~|```)/m;

test("texts of random markup are what markdown-it makes of them", () => {
  parser.set({ xhtmlOut: true });
  const markup = text(PIECES.filter((piece) => !OURS.test(piece))).filter(
    (whole) => !OURS.test(whole) && !THEIRS.test(whole),
  );
  const property = fc.property(markup, (whole) => {
    const html = parser
      .render(whole.replace(/\n?$/, "\n"), { references: {}, isNote: () => false, live: false })
      .replaceAll(/ style="text-align:(\w+)"/g, ' align="$1"');
    expect(withoutClass(specHtml(draw(whole)))).toBe(withoutClass(canonical(html)));
  });
  fc.assert(property, { numRuns: RUNS });
});

/** Languages are checked elsewhere. */
function withoutClass(html: string): string {
  return html.replaceAll(/ class="[^"]*"/g, "");
}

test.each(answers)("$name, cut anywhere", ({ markdown }) => {
  const whole = draw(markdown).innerHTML;
  for (const size of [1, 2, 5, 20]) expect(draw(markdown, every(size, markdown)).innerHTML).toBe(whole);
  const cuts = fc
    .uniqueArray(fc.nat(markdown.length), { maxLength: 200 })
    .map((some) => some.sort((a, b) => a - b));
  fc.assert(
    fc.property(cuts, (some) => {
      expect(draw(markdown, some).innerHTML).toBe(whole);
    }),
    { numRuns: 10 },
  );
});

test("the specification itself, in pieces of 4 and of 64", () => {
  const whole = draw(specification).innerHTML;
  expect(draw(specification, every(4, specification)).innerHTML).toBe(whole);
  expect(draw(specification, every(64, specification)).innerHTML).toBe(whole);
});
