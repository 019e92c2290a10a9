import { expect, test, vi } from "vitest";
import { MarkdownRenderer } from "./index.ts";
import { bareHost, draw, drawUnfinished } from "./testing/draw.ts";

/** What the references show, and the notes. */
function notes(node: HTMLElement): { references: string[]; items: string[] } {
  return {
    references: [...node.querySelectorAll("sup.md-note")].map((reference) => reference.textContent ?? ""),
    items: [...node.querySelectorAll(".md-notes > ol > li")].map((item) => item.textContent ?? ""),
  };
}

test("notes are numbered as they are referred to, and shown at the end", () => {
  const node = draw(
    "One[^b], two[^a], one again[^b].\n\n[^a]: Note *a*.\n[^b]: Note b.\n\n    More of b.\n[^c]: unused\n\nEnd.",
  );
  expect(notes(node)).toEqual({ references: ["1", "2", "1"], items: ["Note b.More of b. ↩", "Note a. ↩"] });
  expect(node.lastElementChild?.className).toBe("md-notes");
});

test("a reference is believed to have a note, until the text ends without it", () => {
  expect(notes(drawUnfinished("a[^1] b[^2]")).references).toEqual(["1", "2"]);
  const node = draw("a[^1] b[^2]\n\n[^2]: two");
  expect(notes(node)).toEqual({ references: ["1"], items: ["two ↩"] });
  expect(node.querySelector("p")?.textContent).toBe("a[^1] b1");
});

test("notes may hold references, and the first of two with one label counts", () => {
  const node = draw("a[^x]\n\n[^x]: see[^y]\n[^x]: no\n[^y]: y");
  expect(notes(node)).toEqual({ references: ["1", "2"], items: ["see2 ↩", "y ↩"] });
});

test("links between text and notes scroll within the reply", () => {
  const node = draw("a[^1]\n\n[^1]: note");
  const scrolled = vi.spyOn(Element.prototype, "scrollIntoView").mockImplementation(() => {});
  const [reference, back] = [...node.querySelectorAll("a")];
  const click = new MouseEvent("click", { cancelable: true });
  reference?.dispatchEvent(click);
  expect(click.defaultPrevented).toBe(true);
  expect(scrolled.mock.contexts).toEqual([node.querySelector(".md-notes li")]);
  back?.dispatchEvent(new MouseEvent("click"));
  expect(scrolled.mock.contexts[1]).toBe(node.querySelector("sup.md-note"));
  expect(reference?.getAttribute("aria-label")).toBe("Note 1");
  expect(back?.getAttribute("aria-label")).toBe("Back to the text of note 1");
});

test("a definition after its use makes a link of it, and leaves all other blocks alone", () => {
  const renderer = new MarkdownRenderer(document, bareHost);
  renderer.append(
    "See [the docs] and [this][d].\n\n- other [x]\n\nPlain *text*.\n\n[d]: https://a.b/d 'D'\n[the docs]: https://a.b\n",
  );
  const [first, list, plain] = [...renderer.node.querySelectorAll(".md-body > *")];
  expect(first?.querySelector("a[href]")).toBeNull();
  const kept = [list?.querySelector("p")?.firstChild, plain?.querySelector("em")];
  renderer.end();
  expect([...(first?.querySelectorAll("a") ?? [])].map((a) => a.href)).toEqual([
    "https://a.b/",
    "https://a.b/d",
  ]);
  expect([list?.querySelector("p")?.firstChild, plain?.querySelector("em")]).toEqual(kept);
  expect(renderer.node.textContent).toBe("See the docs and this.other [x]Plain text.");
});
