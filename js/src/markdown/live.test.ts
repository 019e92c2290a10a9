import { describe, expect, test } from "vitest";
import { MarkdownRenderer } from "./index.ts";
import { answers } from "./testing/answers.ts";
import { bareHost, drawUnfinished } from "./testing/draw.ts";

/* While a text comes: what it leaves open looks like what it is going to be, and what is complete is left alone. */

/** What is drawn, without attributes that are always the same. */
function html(markdown: string): string {
  const body = drawUnfinished(markdown).querySelector(".md-body");
  return (body?.innerHTML ?? "").replace(
    / (?:dir="\w+"|tabindex="0"|scope="col")|<div class="md-head">.*?<\/div>/g,
    "",
  );
}

describe("what is open looks like what it is going to be", () => {
  const code = (text: string) =>
    `<div class="md-code"><pre><code><span class="md-lines">${text}</span></code></pre></div>`;
  const table = (...rows: string[]) => `<div class="md-table"><table>${rows.join("")}</table></div>`;
  const head = "<thead><tr><th>a</th><th>b</th></tr></thead>";

  test.each([
    ["half of an emphasis", "a **bo", "<p>a <strong>bo</strong></p>"],
    ["its half-closed end", "a **bold*", "<p>a <strong>bold</strong></p>"],
    ["one in another", "*a **b", "<p><em>a <strong>b</strong></em></p>"],
    ["the stars alone", "a **", "<p>a </p>"],
    ["a star that is none", "2 * 3", "<p>2 * 3</p>"],
    ["Chinese emphasis", "中**重点", "<p>中<strong>重点</strong></p>"],
    ["half of a strikethrough", "~~no", "<p><s>no</s></p>"],
    ["about five", "~5 ms", "<p>~5 ms</p>"],
    ["half of a code span", "`co", "<p><code>co</code></p>"],
    ["the text of a link", "[te", '<p><a class="md-unfinished">te</a></p>'],
    ["a link before its address", "see [text]", '<p>see <a class="md-unfinished">text</a></p>'],
    ["half of its address", "see [text](http://x", '<p>see <a class="md-unfinished">text</a></p>'],
    ["a bracket that is no link", "in [0, 1) and", "<p>in [0, 1) and</p>"],
    ["half of an image", "![al](htt", '<p><span class="md-unfinished md-image">al</span></p>'],
    ["half of an autolink", "at <https://x", "<p>at </p>"],
    ["half of an entity", "a &am", "<p>a </p>"],
    ["half of a note", "a[^no", "<p>a</p>"],
    ["half of a formula", "so $x^2 +", '<p>so <span class="md-unfinished md-math">x^2 +</span></p>'],
    ["money", "it costs $5 and", "<p>it costs $5 and</p>"],
    ["an open fence", "```\nx\ny", code("x\ny")],
    ["half of its end", "```\nx\n``", code("x\n")],
    ["a formula in lines of its own", "$$\nx^2\n+ y", '<div class="md-formula">x^2\n+ y</div>'],
    ["the header of a table", "| a | b", table(head)],
    ["half of its delimiter row", "| a | b |\n|--", table(head)],
    [
      "half of a row",
      "| a | b |\n|-|-|\n| 1 | *2",
      table(head, "<tbody><tr><td>1</td><td><em>2</em></td></tr></tbody>"),
    ],
    [
      "a row that has just begun",
      "| a | b |\n|-|-|\n| 1",
      table(head, "<tbody><tr><td>1</td><td></td></tr></tbody>"),
    ],
    ["a pipe that begins no table", "| a | b\nc", "<p>| a | b\nc</p>"],
    ["a heading with half of its end", "## Title #", "<h2>Title</h2>"],
    ["half of an underline", "Title\n==", "<p>Title</p>"],
    ["half of a marker", "text\n\n-", "<p>text</p>"],
    ["half of a rule", "text\n\n--", "<p>text</p>"],
    ["half of a definition", "[a]: https://x", "<p></p>"],
    ["the box of a task", "- [x", "<ul><li><p></p></li></ul>"],
  ])("%s", (_, markdown, expected) => {
    expect(html(markdown)).toBe(expected);
  });

  test("a construct that stays open for long is taken for plain text, until it ends", () => {
    const renderer = new MarkdownRenderer(document, bareHost);
    const words = "word ".repeat(400);
    renderer.append(`*${words}`);
    expect(renderer.node.querySelector("em")).toBeNull();
    renderer.append("end*");
    renderer.end();
    expect(renderer.node.querySelector("em")?.textContent).toBe(`${words}end`);
  });
});

/** All nodes that are drawn, in order, but for those that may still change. */
function settledNodes(renderer: MarkdownRenderer): Node[] {
  const last = (node: Node | null): Node[] => (node === null ? [] : [node, ...last(node.lastChild)]);
  const body = renderer.node.querySelector(".md-body");
  const open = new Set(last(body));
  const nodes: Node[] = [];
  const walker = document.createTreeWalker(body as Node);
  while (walker.nextNode() !== null) if (!open.has(walker.currentNode)) nodes.push(walker.currentNode);
  return nodes;
}

describe("what is complete is left alone", () => {
  test.each(answers)("no node of a block that has ended is replaced: $name", ({ markdown }) => {
    const renderer = new MarkdownRenderer(document, bareHost);
    const kept: { node: Node; parent: Node | null; text: string | null }[] = [];
    const blocks = new Set<Node>();
    for (let start = 0; start < markdown.length; start += 7) {
      renderer.append(markdown.slice(start, start + 7));
      const leaves = [...renderer.node.querySelectorAll(".md-body :is(p, h1, h2, h3, pre, td, th)")];
      // The last of those that are not empty is the one that grows.
      for (const leaf of leaves.filter((one) => one.textContent !== "").slice(0, -1)) {
        if (blocks.has(leaf)) continue;
        blocks.add(leaf);
        const walker = document.createTreeWalker(leaf);
        for (let node: Node | null = leaf; node !== null; node = walker.nextNode()) {
          kept.push({ node, parent: node.parentNode, text: node.nodeType === 3 ? node.textContent : null });
        }
      }
    }
    expect(kept.length).toBeGreaterThan(10);
    for (const { node, parent, text } of kept) {
      expect(renderer.node.contains(node)).toBe(true);
      expect(node.parentNode).toBe(parent);
      if (text !== null) expect(node.textContent).toBe(text);
    }
  });

  test("nothing in it changes at all, seen by an observer", async () => {
    const renderer = new MarkdownRenderer(document, bareHost);
    renderer.append("A *finished* paragraph with `code`.\n\n- an item\n- **another**\n\nAn open one, with");
    const [paragraph, list] = [...renderer.node.querySelectorAll(".md-body > *")];
    const seen: MutationRecord[] = [];
    const observer = new MutationObserver((records) => seen.push(...records));
    for (const block of [paragraph, list]) {
      observer.observe(block as Node, {
        attributes: true,
        characterData: true,
        childList: true,
        subtree: true,
      });
    }
    for (const piece of [
      " words",
      " and *more*",
      " [links](https://a.b)\n",
      "\n```\ncode",
      "\n```\n\n> a quote",
    ])
      renderer.append(piece);
    renderer.end();
    seen.push(...observer.takeRecords());
    expect(seen).toEqual([]);
  });

  test("also inside an open block: cells, items and lines of code", () => {
    const renderer = new MarkdownRenderer(document, bareHost);
    renderer.append("| a | b |\n|-|-|\n| 1 | *2* |\n| 3");
    const settled = settledNodes(renderer);
    renderer.append(" | 4 |\n| 5 | 6 |\n\n1. one **two**\n2. three");
    expect(settled.every((node) => renderer.node.contains(node))).toBe(true);
    const items = settledNodes(renderer);
    renderer.append(" four\n3. five\n\n```\nline\n");
    expect(items.every((node) => renderer.node.contains(node))).toBe(true);
    const line = renderer.node.querySelector(".md-lines")?.firstChild;
    renderer.append("another\nand another\n```\n");
    expect(renderer.node.querySelector(".md-lines")?.firstChild).toBe(line);
  });

  test("and inside an open paragraph: its text grows by what is appended", () => {
    const renderer = new MarkdownRenderer(document, bareHost);
    renderer.append("some **bold** text that");
    const [first, bold, rest] = [...(renderer.node.querySelector("p")?.childNodes ?? [])];
    renderer.append(" goes on and on, with `code` and");
    renderer.append(" more");
    renderer.end();
    const nodes = [...(renderer.node.querySelector("p")?.childNodes ?? [])];
    expect(nodes.slice(0, 3)).toEqual([first, bold, rest]);
    expect(nodes[0]).toBe(first);
    expect(nodes[1]).toBe(bold);
    expect(nodes[2]).toBe(rest);
  });

  test("a selection in what is complete stays", () => {
    const renderer = new MarkdownRenderer(document, bareHost);
    document.body.append(renderer.node);
    renderer.append("Select *this* text.\n\nMore of");
    const range = document.createRange();
    range.selectNodeContents(renderer.node.querySelector("em") as Node);
    document.getSelection()?.addRange(range);
    for (const piece of [" it comes", " and\n\n- goes", " on\n\n| a |\n|-|\n| b |"]) renderer.append(piece);
    renderer.end();
    expect(document.getSelection()?.toString()).toBe("this");
    document.getSelection()?.removeAllRanges();
    renderer.node.remove();
  });

  test("a tight list that becomes loose keeps its items", () => {
    const renderer = new MarkdownRenderer(document, bareHost);
    renderer.append("- a\n- b\n");
    const items = [...renderer.node.querySelectorAll("li, li > p")];
    expect(renderer.node.querySelector(".md-loose")).toBeNull();
    renderer.append("\n- c\n");
    renderer.end();
    expect(renderer.node.querySelector("ul.md-loose")).not.toBeNull();
    expect([...renderer.node.querySelectorAll("li, li > p")].slice(0, 4)).toEqual(items);
  });
});
