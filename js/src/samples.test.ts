import { describe, expect, it } from "vitest";
import { SampleReader } from "./samples.ts";

function base64(...bytes: number[]): string {
  return `${btoa(String.fromCharCode(...bytes))}\n`;
}

/** The samples of a text that comes in pieces of `size` characters, as 16-bit numbers. */
function read(text: string, size: number): [number, number[]] {
  const reader = new SampleReader();
  const samples: number[] = [];
  for (let at = 0; at < text.length; at += size)
    samples.push(...[...reader.read(text.slice(at, at + size))].map((sample) => sample * 32_768));
  return [reader.rate, samples];
}

describe.each([1, 3, 7, 1000])("in pieces of %i characters", (size) => {
  it("decodes each line by itself", () => {
    const text = base64(0xfe, 0xff, 0x00, 0x00, 0x05, 0x00) + base64(0x09, 0x00, 0xf9, 0xff);
    expect(text).toContain("=");
    expect(read(text, size)).toEqual([24_000, [-2, 0, 5, 9, -7]]);
  });

  it("joins a sample that two lines share, and leaves out a line that is damaged", () => {
    expect(read(`${base64(1, 0, 2)}?\n${base64(0, 3, 0)}`, size)).toEqual([24_000, [1, 2, 3]]);
  });

  it.each([
    ["takes the rate from a WAV header, whatever stands before the samples", [0x80, 0x3e, 0, 0], 16_000],
    ["does not believe a rate of nothing", [0, 0, 0, 0], 24_000],
    ["does not believe a rate that no browser plays", [0xff, 0xff, 0xff, 0xff], 24_000],
  ])("%s", (_, bytes, rate) => {
    const format = [0x10, 0, 0, 0, 1, 0, 1, 0, ...bytes, 0, 0x7d, 0, 0, 2, 0, 0x10, 0];
    const name = (text: string) => [...text].map((character) => character.charCodeAt(0));
    const list = [...name("LIST"), 4, 0, 0, 0, ...name("abcd")];
    const data = [...name("data"), 0xff, 0xff, 0xff, 0xff, 1, 0, 2, 0];
    const header = [...name("RIFF"), 0, 0, 0, 0, ...name("WAVE"), ...name("fmt "), ...format, ...list];
    expect(read(base64(...header, ...data) + base64(3, 0), size)).toEqual([rate, [1, 2, 3]]);
  });
});
