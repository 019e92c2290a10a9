import { describe, expect, test, vi } from "vitest";
import type { RendererHost } from "../renderer.ts";
import { MarkdownRenderer } from "./index.ts";
import { LoadingHost, settled } from "./testing/bundles.ts";
import { bareHost, draw } from "./testing/draw.ts";

const FENCE = "```";
const python =
  'def greet(name: str) -> None:\n    """Say\n    hello."""\n    print(f"Hello {name}", 42)  # now\n';

test("code has its language, and a button that copies it", async () => {
  const written = vi.spyOn(navigator.clipboard, "writeText").mockResolvedValue();
  const node = draw(`${FENCE}Python title=x\n${python}${FENCE}\n`);
  expect(node.querySelector(".md-language")?.textContent).toBe("Python");
  expect(node.querySelector("code")?.className).toBe("language-python");
  const button = node.querySelector("button");
  expect(button?.getAttribute("aria-label")).toBe("Copy code");
  button?.click();
  await settled(() => button?.textContent === "Copied");
  expect(written).toHaveBeenCalledWith(python);
  expect(button?.textContent).toBe("Copied");
});

test("code that the notebook can run goes into a new cell, where the page has cells", () => {
  const inserted: string[] = [];
  const host: RendererHost = { ...bareHost, insertCode: (code) => inserted.push(code) };
  const text = [
    `${FENCE}python\nx = 1\n\ny = 2\n${FENCE}`,
    `${FENCE}sh\nls\n${FENCE}`,
    `${FENCE}js\nlet x;\n${FENCE}`,
    `${FENCE}\nz\n${FENCE}`,
  ];
  const node = draw(text.join("\n\n"), [], host);
  const buttons = node.querySelectorAll<HTMLButtonElement>('[aria-label="Put code in a new cell"]');
  for (const button of buttons) button.click();
  expect(inserted).toEqual(["x = 1\n\ny = 2", "%%bash\nls", "z"]);
  expect(buttons[0]?.textContent).toBe("Added");
  expect(draw(text[0] ?? "").querySelectorAll("button")).toHaveLength(1);
});

test.each([
  ["c++", "language-c++"],
  ["{.r}", "language-r"],
  ["objective-c", "language-objective-c"],
  ['js" onclick="x', "language-js"],
  ["</code><img>", ""],
  ["", ""],
])("the language %j becomes the class %j", (info, expected) => {
  expect(draw(`~~~${info}\nx\n~~~`).querySelector("code")?.className).toBe(expected);
});

describe("highlighting", () => {
  test("a fence gets its colours when it is closed, and keeps its text", async () => {
    const host = new LoadingHost();
    const renderer = new MarkdownRenderer(document, host);
    renderer.append(`${FENCE}python\n${python}`);
    expect(host.asked).toEqual([]);
    renderer.append(`${FENCE}\n`);
    const code = renderer.node.querySelector("code");
    await settled(() => code?.querySelector("span span") !== null);
    expect(host.asked).toEqual(["highlight"]);
    expect(code?.textContent).toBe(python);
    const runs = [...(code?.querySelectorAll(".md-lines > span") ?? [])].map((run) => [
      run.className,
      run.textContent,
    ]);
    expect(runs).toContainEqual(["hl-keyword", "def"]);
    expect(runs).toContainEqual(["hl-title", "greet"]);
    expect(runs).toContainEqual(["hl-string", '"""Say\n    hello."""']);
    expect(runs).toContainEqual(["hl-number", "42"]);
    expect(runs).toContainEqual(["hl-comment", "# now"]);
  });

  test("long code is coloured box by box; a string that spans boxes, too", async () => {
    const host = new LoadingHost();
    const renderer = new MarkdownRenderer(document, host);
    const source = `x = """\n${"line\n".repeat(100)}"""\ny = 1\n`;
    renderer.append(`${FENCE}py\n${source}${FENCE}\n`);
    const code = renderer.node.querySelector("code");
    await settled(() => code?.querySelector(".md-lines:last-of-type .hl-number") !== null);
    expect(code?.textContent).toBe(source);
    expect(code?.querySelectorAll(".hl-string").length).toBeGreaterThan(5);
    expect(code?.querySelector(".hl-number")?.textContent).toBe("1");
  });

  test("what is not code, and languages that are not known, stay as they are", async () => {
    const host = new LoadingHost();
    const renderer = new MarkdownRenderer(document, host);
    renderer.append(
      `    indented\n\n${FENCE}\nplain\n${FENCE}\n\n${FENCE}klingon\nQapla'\n${FENCE}\n\n${FENCE}json\n[1]\n${FENCE}\n`,
    );
    renderer.end();
    await settled(() => renderer.node.querySelector(".hl-number") !== null);
    const codes = [...renderer.node.querySelectorAll("code")];
    expect(codes.map((code) => code.querySelectorAll("span span").length > 0)).toEqual([
      false,
      false,
      false,
      true,
    ]);
    expect(codes.map((code) => code.textContent)).toEqual(["indented\n", "plain\n", "Qapla'\n", "[1]\n"]);
  });

  test("a page that cannot load it shows plain code", async () => {
    const renderer = new MarkdownRenderer(document, { load: () => Promise.reject(new Error("offline")) });
    renderer.append(`${FENCE}python\nx = 1\n${FENCE}\n\nand $x$.`);
    renderer.end();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(renderer.node.querySelector("code")?.textContent).toBe("x = 1\n");
    expect(renderer.node.querySelector(".md-math")?.textContent).toBe("x");
  });
});

test("code is the text between its fences, however it comes and however long it is", () => {
  const lines = Array.from({ length: 1000 }, (_, index) => `line ${index} ${"x".repeat(index % 7)}`).join(
    "\n",
  );
  const source = `${FENCE}text\n${lines}\n${FENCE}\n`;
  for (const size of [1, 5, 4000, source.length]) {
    const renderer = new MarkdownRenderer(document, { load: () => new Promise(() => {}) });
    for (let start = 0; start < source.length; start += size)
      renderer.append(source.slice(start, start + size));
    renderer.end();
    expect(renderer.node.querySelector("code")?.textContent).toBe(`${lines}\n`);
  }
});
