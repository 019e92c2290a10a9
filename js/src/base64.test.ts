import { expect, it } from "vitest";
import { isBase64 } from "./base64.ts";

it.each(["AA", "AAA", "AAAA", "AA==", "AAA=", "a+/9"])("%j is base64", (text) => {
  expect(isBase64(text)).toBe(true);
});

it.each(["", "A", "AAAAA", "AA=", "A===", "====", "AA==AAAA", "AA AA", "AA-_", "<svg>"])(
  "%j is none",
  (text) => {
    expect(isBase64(text)).toBe(false);
  },
);
