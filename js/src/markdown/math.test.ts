import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MarkdownRenderer } from "./index.ts";
import { mathSpan } from "./inline/math_span.ts";
import { LoadingHost, settled } from "./testing/bundles.ts";
import { draw, every } from "./testing/draw.ts";

/** The formulas in what is drawn of `markdown`, those on a line of their own with `$$`, and the text around them. */
function formulas(markdown: string): { found: string[]; text: string } {
  const results = [Number.MAX_SAFE_INTEGER, 1, 3].map((size) => {
    const node = draw(markdown, every(size, markdown));
    const found = [...node.querySelectorAll(".md-math")].map((formula) => {
      const source = formula.textContent ?? "";
      formula.textContent = "∎";
      return formula.classList.contains("md-display") ? `$$${source}$$` : source;
    });
    return { found, text: node.textContent ?? "" };
  });
  for (const result of results) expect(result).toEqual(results[0]);
  return results[0] as (typeof results)[0];
}

describe("what is a formula", () => {
  test.each([
    ["$x^2$", ["x^2"]],
    ["is $a$, $b$-th and \\(c\\)", ["a", "b", "c"]],
    ["其中$x_1$是“$y$”。", ["x_1", "y"]],
    ["\\[ a + b \\]", ["$$a + b$$"]],
    ["$$x$$", ["$$x$$"]],
    ["in text $$x$$ and \\[y\\] too", ["$$x$$", "$$y$$"]],
    ["$$\nx\n\ny\n$$", ["$$x\n\ny$$"]],
    ["$$x = 1\n+ 2$$", ["$$x = 1\n+ 2$$"]],
    ["text:\n\\[\n\\frac{1}{2}\n\\]\nmore", ["$$\\frac{1}{2}$$"]],
    [
      "\\begin is none, \\[\\begin{aligned} a &= b \\\\ c &= d \\end{aligned}\\] is",
      ["$$\\begin{aligned} a &= b \\\\ c &= d \\end{aligned}$$"],
    ],
    ["- item\n  $$\n  x\n  $$\n- next $y$", ["$$x$$", "y"]],
    ["> $$\n> x\n> $$", ["$$x$$"]],
    ["| a | b |\n|-|-|\n| $x$ | \\(y\\) |", ["x", "y"]],
    ["**bold $x*y*z$**", ["x*y*z"]],
    ["$a\\$b$", ["a\\$b"]],
    ["H$_2$O and 2$\\times$3", ["_2", "\\times"]],
    ["We have $$\nE = mc^2\n$$ so", ["$$E = mc^2$$"]],
  ])("%j", (markdown, expected) => {
    expect(formulas(markdown).found).toEqual(expected);
  });
});

describe("what is none", () => {
  test.each([
    "It costs $5 and $10.",
    "between $5-$10, or US$3 to HK$4",
    "$5, $10, $15",
    "from $1,000 per month to $2k a year",
    "价格从$5涨到$10。",
    "`$x$` is code, as is ``a $ b $ c``",
    "set $HOME and $PATH",
    "a $ b $ c",
    "$$$ is a lot",
    "\\$x\\$",
    "\\\\(x\\\\)",
    "an \\(open one",
    "\\[not a link](/foo) here",
  ])("%j", (markdown) => {
    expect(formulas(markdown).found).toEqual([]);
  });

  test("a `$$` that does not end does not take what follows a blank line", () => {
    const { found, text } = formulas("$$ is the process id\n\n# Title\n\n$y$");
    expect(found).toEqual(["y"]);
    expect(text).toBe("$$ is the process idTitle∎");
  });
});

test("what cannot become a formula is never called open", () => {
  const pieces = fc.constantFrom("$", "$$", "\\", "\\(", "\\)", "x", " ", "5", "`", "\n", "and ", "{", "^");
  const texts = fc.array(pieces, { minLength: 1, maxLength: 14 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(texts, texts, (head, tail) => {
      const whole = head + tail;
      const early = mathSpan(head, 0, head.length);
      const late = mathSpan(whole, 0, whole.length);
      // A `$` at the very end is judged by what follows it.
      if (early === null) expect(late).toBeNull();
      else if (early !== "open" && early.end < head.length) expect(late).toEqual(early);
    }),
    { numRuns: 5000 },
  );
});

describe("drawing", () => {
  test("formulas are their source until the code that draws them has come, and then MathML", async () => {
    const host = new LoadingHost();
    const renderer = new MarkdownRenderer(document, host);
    renderer.append("no formula yet");
    expect(host.asked).toEqual([]);
    renderer.append(
      " but $\\frac{1}{2}$ now.\n\n$$\n\\sum_i x_i\n$$\n\nAgain $\\frac{1}{2}$ and $\\notacommand$.\n",
    );
    const [first, second] = renderer.node.querySelectorAll(".md-math");
    expect([first?.textContent, second?.textContent]).toEqual(["\\frac{1}{2}", "\\sum_i x_i"]);
    await settled(() => renderer.node.querySelectorAll("math, .md-bad").length === 4);
    renderer.append("Late: $x$.");
    renderer.end();
    expect(host.asked).toEqual(["math"]);
    expect(renderer.node.querySelectorAll("math").length).toBe(4);
    expect(second?.querySelector("math")?.classList.contains("tml-display")).toBe(true);
    expect(first?.querySelector("mfrac")).not.toBeNull();
    expect(renderer.node.querySelector(".md-bad")?.textContent).toBe("\\notacommand");
    // One formula is drawn once and copied.
    const copies = [...renderer.node.querySelectorAll(".md-math")].filter((node) =>
      node.querySelector("mfrac"),
    );
    expect(copies.map((node) => node.innerHTML)).toEqual([first?.innerHTML, first?.innerHTML]);
  });

  test("what a formula may not do", async () => {
    const host = new LoadingHost();
    const sources = [
      "\\href{javascript:alert(1)}{x}",
      "\\url{https://evil.example}",
      "\\includegraphics{https://evil.example/x.png}",
      "\\class{q-evil}{x}",
      "\\id{evil}{x}",
      "\\style{position:fixed}{x}",
      "\\data{a=b}{x}",
      "\\def\\x{\\x\\x}\\x",
      "\\text{<img src=x onerror=alert(1)>}",
    ];
    const renderer = new MarkdownRenderer(document, host);
    renderer.append(sources.map((source) => `$${source}$`).join(" and "));
    renderer.end();
    await settled(() => renderer.node.querySelectorAll(".md-bad, math").length === sources.length);
    expect(renderer.node.querySelectorAll(".md-bad, math").length).toBe(sources.length);
    expect(
      renderer.node.querySelector(
        "a, img, [href], [src], .q-evil, #evil, [data-a], [onerror], [style*=position]",
      ),
    ).toBeNull();
  });
});

test("a label gives no name to an element of the page", async () => {
  const { formula } = await import("./math.ts");
  const drawn = formula("\\begin{align} a &= b \\label{location} \\end{align}", true);
  expect(drawn?.localName).toBe("math");
  expect(drawn?.querySelector("[id]")).toBeNull();
});
