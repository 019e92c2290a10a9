import { describe, expect, it } from "vitest";
import { escaped, VisibleText, visible } from "./visible.ts";

/** A text, as it is shown, and as it is shown in JSON. `tests/test_tool_refusals.py` has the same. */
const SHOWN: readonly (readonly [string, string, string])[] = [
  ["/tmp/scrap", "/tmp/scrap", "/tmp/scrap"],
  ["a\n\tb\r\n", "a\n\tb\r\n", "a\n\tb\r\n"],
  ["天气 مرحبا שלום é", "天气 مرحبا שלום é", "天气 مرحبا שלום é"],
  ["\u202etxt.exe\u202c", "U+202Etxt.exeU+202C", "\\u202etxt.exe\\u202c"],
  ["\u2066a\u2069\u200f\u061c", "U+2066aU+2069U+200FU+061C", "\\u2066a\\u2069\\u200f\\u061c"],
  ["me@exam\u200bple\u200d.org", "me@examU+200BpleU+200D.org", "me@exam\\u200bple\\u200d.org"],
  [
    "می\u200cخواهم 👩\u200d💻 ❤\ufe0f\u200d🔥",
    "می\u200cخواهم 👩\u200d💻 ❤\ufe0f\u200d🔥",
    "می\u200cخواهم 👩\u200d💻 ❤\ufe0f\u200d🔥",
  ],
  ["می\u200c\u200cخ", "می\u200cU+200Cخ", "می\u200c\\u200cخ"],
  ["a\u{e0041}b", "aU+E0041b", "a\\udb40\\udc41b"],
  ["a\u{e0100}\u3164b\u2028", "aU+E0100U+3164bU+2028", "a\\udb40\\udd00\\u3164b\\u2028"],
  [
    "\x1b[2J\x7f\x00\ufeff\ue000",
    "U+001B[2JU+007FU+0000U+FEFFU+E000",
    "\\u001b[2J\\u007f\\u0000\\ufeff\\ue000",
  ],
];

describe("a text that hides something", () => {
  it.each(SHOWN)("%j is spelled out", (text, inText, inJson) => {
    expect([visible(text), escaped(text)]).toEqual([inText, inJson]);
  });

  it.each([1, 2, 3, 1_000])("is spelled out the same in pieces of %i units", (size) => {
    for (const [text, inText, inJson] of SHOWN) {
      const texts = [new VisibleText(document, visible), new VisibleText(document, escaped)];
      for (let at = 0; at < text.length; at += size) {
        for (const each of texts) each.append(text.slice(at, at + size));
      }
      expect(texts.map((each) => each.node.data)).toEqual([inText, inJson]);
    }
  });

  it("means the same as JSON", () => {
    const value = SHOWN.map(([text]) => text);
    expect(JSON.parse(escaped(JSON.stringify(value)))).toEqual(value);
  });
});
