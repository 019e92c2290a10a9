import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { decodeHTMLStrict } from "./entities.ts";

const require = createRequire(createRequire(import.meta.url).resolve("markdown-it"));
const reference: (entity: string) => string = require("entities").decodeHTMLStrict;

test.each([
  ..."amp lt gt quot apos nbsp copy AElig Dcaron frac34 HilbertSpace DifferentialD ClockwiseContourIntegral ngE semi".split(
    " ",
  ),
  ..."alpha Omega le ge hearts euro mdash hellip rarr infin sum NotEqualTilde fjlig nosuchname AMP notit ampx".split(
    " ",
  ),
])("&%s; is what the table of all names says", (name) => {
  expect(decodeHTMLStrict(`&${name};`)).toBe(reference(`&${name};`));
});

test("nothing but a name is decoded", () => {
  for (const text of ["&#65;", "&amp", "<b>", "&a<b>;", "&amp;&lt;"])
    expect(decodeHTMLStrict(text)).toBe(text);
});
