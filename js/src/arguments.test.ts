import { describe, expect, it } from "vitest";
import { ArgumentScanner } from "./arguments.ts";

type Field = [name: string, kind: "text" | "json", value: string, whole: boolean];

function scan(text: string, size: number): { fields: Field[]; broken: boolean } {
  const fields: Field[] = [];
  const last = (): Field => fields.at(-1) ?? expect.fail("a piece before any field");
  const scanner = new ArgumentScanner({
    open: (name, isText) => void fields.push([name, isText ? "text" : "json", "", false]),
    write: (piece) => {
      last()[2] += piece;
    },
    close: () => {
      last()[3] = true;
    },
  });
  for (let at = 0; at < text.length; at += size) scanner.write(text.slice(at, at + size));
  return { fields, broken: scanner.broken };
}

const CASES: Record<string, [text: string, fields: Field[], broken?: boolean]> = {
  "an empty object": ["{}", []],
  "no text at all": ["", []],
  "a string": ['{"city": "Oslo"}', [["city", "text", "Oslo", true]]],
  "an empty string": ['{"a":""}', [["a", "text", "", true]]],
  "every escape": [
    '{"a\\"b": "\\"\\\\\\/\\b\\f\\n\\r\\t\\u5317\\ud83d\\ude00"}',
    [['a"b', "text", '"\\/\b\f\n\r\t北😀', true]],
  ],
  "scalars of all kinds": [
    '{"n":-1.5e3 , "t":true,"f" :false,\n"z":null}',
    [
      ["n", "json", "-1.5e3", true],
      ["t", "json", "true", true],
      ["f", "json", "false", true],
      ["z", "json", "null", true],
    ],
  ],
  "nested values with brackets and quotes in strings": [
    '{"o":{"a":"}\\"]","b":[1,{"c":[]}]},"l":["[", "\\\\"],"s":"x"}',
    [
      ["o", "json", '{"a":"}\\"]","b":[1,{"c":[]}]}', true],
      ["l", "json", '["[", "\\\\"]', true],
      ["s", "text", "x", true],
    ],
  ],
  "a string that is still coming": [
    '{"to":"me@example.org","body":"Hello,\\nRo',
    [
      ["to", "text", "me@example.org", true],
      ["body", "text", "Hello,\nRo", false],
    ],
  ],
  "an escape that is still coming": ['{"a":"x\\u53', [["a", "text", "x", false]]],
  "an object that is still coming": ['{"a":{"b":[1', [["a", "json", '{"b":[1', false]]],
  "a name that is still coming": ['{"a":1,"na', [["a", "json", "1", true]]],
  "one brace too many": ['{"a":1}}', [["a", "json", "1", true]]],
  "white space around": [' \n{ "a" : 1 } \n', [["a", "json", "1", true]]],
  "a list": ["[1]", [], true],
  prose: ["I would call it", [], true],
  "no comma": ['{"a":"b" "c":1}', [["a", "text", "b", true]], true],
  "an unknown escape": ['{"a":"b\\x"}', [["a", "text", "b", false]], true],
  "a bad code point": ['{"a":"\\u12g4"}', [["a", "text", "", false]], true],
};

describe.each(Object.entries(CASES))("%s", (_, [text, fields, broken = false]) => {
  it.each([1, 2, 3, 7, 1_000])("in slices of %i", (size) => {
    expect(scan(text, size)).toEqual({ fields, broken });
  });
});
