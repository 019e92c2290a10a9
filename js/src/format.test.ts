import { expect, it } from "vitest";
import { bytes, duration, elapsed, integer, rate, tokens } from "./format.ts";

it.each([
  [0, "0.00 s", "0.0 s"],
  [0.4249, "0.42 s", "0.4 s"],
  [0.994, "0.99 s", "1.0 s"],
  [0.996, "1.0 s", "1.0 s"],
  [3.44, "3.4 s", "3.4 s"],
  [9.94, "9.9 s", "9.9 s"],
  [9.96, "10 s", "10 s"],
  [59.4, "59 s", "59 s"],
  [59.6, "1 min 0 s", "1 min 0 s"],
  [125, "2 min 5 s", "2 min 5 s"],
  [3_725, "62 min 5 s", "62 min 5 s"],
])("a time of %f s", (seconds, over, running) => {
  expect([duration(seconds), elapsed(seconds)]).toEqual([over, running]);
});

it("numbers", () => {
  expect([0, 4097, 12_345, 1_234_567].map(integer)).toEqual([
    "0",
    "4097",
    "12\u202f345",
    "1\u202f234\u202f567",
  ]);
  expect([0, 0.04, 8.44, 9.96, 84.4, 12_345.6].map(rate)).toEqual([
    "0",
    "0",
    "8.4",
    "10",
    "84",
    "12\u202f346",
  ]);
  expect([0, 1, 311].map(tokens)).toEqual(["0 tokens", "1 token", "311 tokens"]);
  expect([0, 999, 1_000, 999_499, 999_500, 12_340_000].map(bytes)).toEqual([
    "0 bytes",
    "999 bytes",
    "1 kB",
    "999 kB",
    "1.0 MB",
    "12.3 MB",
  ]);
});
