import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inLines } from "./json_lines.ts";

describe("JSON in lines", () => {
  it("is what the browser makes of it, however it was written", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1, "\t"), (value, indent) => {
        expect(inLines(JSON.stringify(value, null, indent))).toBe(JSON.stringify(value, null, 2));
      }),
    );
  });

  it.each(["9007199254740993", "-1234567890123456789.0", "1e400", "1.10", "1E2", "-0"])(
    "keeps %s",
    (number) => {
      expect(inLines(`{"id": [${number}]}`)).toBe(`{\n  "id": [\n    ${number}\n  ]\n}`);
    },
  );

  it("says strings without needless escapes, and keeps a name that comes twice", () => {
    expect(inLines('{"a":"\\u4e2d\\/ \\"[,:]", "a":"\\\\"}')).toBe(
      '{\n  "a": "中/ \\"[,:]",\n  "a": "\\\\"\n}',
    );
  });

  it.each(["", "{", '{"a": 01}', "{} {}", "NaN", `${"[".repeat(100_000)}${"]".repeat(100_000)}`])(
    "leaves as it is what is no JSON, or has hardly anything but brackets: %.20s",
    (text) => expect(inLines(text)).toBe(text),
  );
});
