import { describe, expect, test } from "vitest";
import { draw, every } from "./testing/draw.ts";
import { specHtml } from "./testing/spec_html.ts";

/*
 * What GitHub Flavored Markdown 0.29 adds to CommonMark, clause by clause. Where it differs, and is meant to:
 *
 * - a single tilde does not strike inside words (`10~20` is a range);
 * - HTML is text, so there is nothing to filter;
 * - addresses without `<>` are found by linkify-it: a URL ends at the first `)` that has no `(` and keeps an entity at its end, and
 *   the host of a mail address may hold a `+`.
 */

const sizes = [Number.MAX_SAFE_INTEGER, 1, 2, 3, 5];

function check(markdown: string, html: string): void {
  for (const size of sizes)
    expect(specHtml(draw(markdown, every(size, markdown))), `in pieces of ${size}`).toBe(html);
}

const table = (head: string, ...rows: string[]) => {
  const body = rows.length > 0 ? `<tbody>${rows.map((row) => `<tr>${row}</tr>`).join("")}</tbody>` : "";
  return `<table><thead><tr>${head}</tr></thead>${body}</table>`;
};

describe("tables", () => {
  test("a header, a delimiter row, and rows", () => {
    check(
      "| name | size |\n| --- | --- |\n| core | 60 |\n",
      table("<th>name</th><th>size</th>", "<td>core</td><td>60</td>"),
    );
  });

  test("alignment; pipes at the ends may be left out", () => {
    check(
      "a | b | c | d\n:-: | --: | :-- | ---\n1 | 2 | 3 | 4",
      table(
        '<th align="center">a</th><th align="right">b</th><th align="left">c</th><th>d</th>',
        '<td align="center">1</td><td align="right">2</td><td align="left">3</td><td>4</td>',
      ),
    );
  });

  test("an escaped pipe is part of a cell, also in code", () => {
    check(
      "| a\\|b |\n| --- |\n| `x \\| y` |\n| **\\|** |",
      table("<th>a|b</th>", "<td><code>x | y</code></td>", "<td><strong>|</strong></td>"),
    );
  });

  test("ends at a blank line or where another block begins", () => {
    check(
      "|a|b|\n|-|-|\n|1|2|\n> q",
      `${table("<th>a</th><th>b</th>", "<td>1</td><td>2</td>")}<blockquote><p>q</p></blockquote>`,
    );
    check(
      "|a|b|\n|-|-|\nrow\n\ntext",
      `${table("<th>a</th><th>b</th>", "<td>row</td><td></td>")}<p>text</p>`,
    );
  });

  test("a header with another number of cells makes no table", () => {
    check("| a | b |\n| --- |\n| c |", "<p>| a | b |\n| --- |\n| c |</p>");
  });

  test("cells that are missing are empty, those too many are left out", () => {
    check(
      "| a | b |\n| - | - |\n| 1 |\n| 1 | 2 | 3 |",
      table("<th>a</th><th>b</th>", "<td>1</td><td></td>", "<td>1</td><td>2</td>"),
    );
  });

  test("without rows there is no body", () => {
    check("| a | b |\n| - | - |", table("<th>a</th><th>b</th>"));
  });

  test("may follow the lines of a paragraph, in a list or a quote", () => {
    check("before\n| a |\n| - |\n| 1 |", `<p>before</p>${table("<th>a</th>", "<td>1</td>")}`);
    check(
      "- | a |\n  | - |\n  | 1 |\n- b",
      `<ul><li>${table("<th>a</th>", "<td>1</td>")}</li><li>b</li></ul>`,
    );
    check("> | a |\n> | - |\n| 1 |", `<blockquote>${table("<th>a</th>")}</blockquote><p>| 1 |</p>`);
  });
});

describe("task lists", () => {
  const box = (done: boolean) => `<input${done ? ' checked=""' : ""} disabled="" type="checkbox"> `;

  test("boxes at the beginning of items, nested or not", () => {
    check(
      "- [ ] to do\n- [x] done\n  1. [X] inner\n  2. none",
      `<ul><li>${box(false)}to do</li><li>${box(true)}done<ol><li>${box(true)}inner</li><li>none</li></ol></li></ul>`,
    );
  });

  test("only there, and only followed by space", () => {
    check(
      "[ ] no\n\n- [x](https://a.b/)\n- [ ]no\n- a [x]",
      ["<p>[ ] no</p>", '<ul><li><a href="https://a.b/">x</a></li><li>[ ]no</li><li>a [x]</li></ul>'].join(
        "",
      ),
    );
  });
});

describe("strikethrough", () => {
  test("one tilde or two, closed by as many", () => {
    check("~~one~~ and ~two~, ~~three~ four", "<p><s>one</s> and <s>two</s>, ~~three~ four</p>");
  });

  test("not three, not across blocks, not one inside a word", () => {
    check(
      "a ~~~b~~~\n\n~~c\n\nd~~\n\n10~20 or 30~40",
      "<p>a ~~~b~~~</p><p>~~c</p><p>d~~</p><p>10~20 or 30~40</p>",
    );
  });
});

describe("autolinks", () => {
  const link = (text: string, href = text) => `<a href="${href}">${text}</a>`;

  test("www, http, https and ftp", () => {
    check(
      "www.example.com, http://example.com/a_b_c and (https://example.com/a(b)c) or ftp://example.com.",
      `<p>${link("www.example.com", "http://www.example.com")}, ${link("http://example.com/a_b_c")} and (${link(
        "https://example.com/a(b)c",
      )}) or ${link("ftp://example.com")}.</p>`,
    );
  });

  test("punctuation at the end, and `<`, do not belong to them", () => {
    check(
      "See www.example.com/a.b! Or **https://example.com/c**; https://example.com/d<e",
      `<p>See ${link("www.example.com/a.b", "http://www.example.com/a.b")}! Or <strong>${link(
        "https://example.com/c",
      )}</strong>; ${link("https://example.com/d")}&lt;e</p>`,
    );
  });

  test("mail addresses", () => {
    check(
      "to a.b-c_d+e@example.com.",
      `<p>to ${link("a.b-c_d+e@example.com", "mailto:a.b-c_d+e@example.com")}.</p>`,
    );
    check("a@b.c- and a@b.c_", "<p>a@b.c- and a@b.c_</p>");
  });

  test("names of files are none", () => {
    check(
      "README.md, main.rs, numpy.array, example.com",
      "<p>README.md, main.rs, numpy.array, example.com</p>",
    );
  });
});
