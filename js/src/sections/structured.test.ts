import { describe, expect, it } from "vitest";
import { delta, end, start } from "../testing/events.ts";
import { fakeTime, frame } from "../testing/fake_time.ts";
import { Page } from "../testing/page.ts";

fakeTime();

/** The fields of `text`, which comes in pieces of `size` characters. */
function fields(text: string, size: number): (string | null)[] {
  const page = new Page({ structured: true });
  page.batch(1, start(0, "text", 1));
  for (let at = 0; at < text.length; at += size) page.batch(2, delta(0, text.slice(at, at + size)));
  page.batch(3, end(0, 3));
  frame();
  return page.texts("dt, dd, .structured > .raw");
}

const TEXT = '{"name": "tea \\"green\\"", "price": 2.5, "tags": ["hot"]}';
const FIELDS = ["name", 'tea "green"', "price", "2.5", "tags", '["hot"]'];

describe("an answer that is JSON", () => {
  it("fills its fields while it comes", () => {
    const page = new Page({ structured: true });
    page.batch(1, start(0, "text", 1), delta(0, '{"name": "gre'));
    frame();
    expect(page.texts("dt, dd")).toEqual(["name", "gre"]);
    expect(page.find(".structured").getAttribute("aria-busy")).toBe("true");
    page.batch(2, delta(0, 'en", "price": 2'), end(0, 2));
    frame();
    expect(page.texts("dt, dd")).toEqual(["name", "green", "price", "2"]);
    expect(page.find(".structured").hasAttribute("aria-busy")).toBe(false);
  });

  it.each([1, 2, 5, 1000])("is drawn without what is around it, in pieces of %i characters", (size) => {
    expect(fields(TEXT, size)).toEqual(FIELDS);
    expect(fields(`\`\`\`json\n${TEXT}\n\`\`\``, size)).toEqual(FIELDS);
    expect(fields(`Here you are: ${TEXT} Good?`, size)).toEqual(FIELDS);
  });

  it.each(["I cannot do that.", "[1, 2]"])("is shown as it came if it is no object: %s", (text) => {
    expect(fields(text, 3)).toEqual([text]);
  });

  it("can be shown as it came", () => {
    const page = new Page({ structured: true });
    page.batch(1, start(0, "text", 1), delta(0, TEXT), end(0, 1));
    frame();
    page.find('button[title="Show the text as it came"]').click();
    expect(page.texts(".structured > *")).toEqual([TEXT]);
  });

  it("says when it was no answer", () => {
    const page = new Page({ structured: true });
    page.batch(1, start(0, "text", 1), delta(0, '{"a": 1}'), end(0, 1));
    page.batch(2, start(0, "text", 1, { name: "rejected" }), start(1, "text", 2), delta(1, '{"b": 2}'));
    frame();
    expect(page.texts(".structured.rejected dt")).toEqual(["a"]);
    expect(page.texts(".structured:not(.rejected) dt")).toEqual(["b"]);
  });
});
