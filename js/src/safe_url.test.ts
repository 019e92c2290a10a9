import { expect, it } from "vitest";
import { safeHref } from "./safe_url.ts";

it.each([
  ["https://example.org/a?b=c#d", "https://example.org/a?b=c#d"],
  ["HTTP://EXAMPLE.org", "http://example.org/"],
  ["https://例え.jp/パス", "https://xn--r8jz45g.jp/%E3%83%91%E3%82%B9"],
  ["https://user@example.org/", "https://user@example.org/"],
  ["mailto:me@example.org?subject=Hi", "mailto:me@example.org?subject=Hi"],
  ["#footnote-1", "#footnote-1"],
  ["#", "#"],
])("lets %j through", (url, href) => {
  expect(safeHref(url)).toBe(href);
});

it.each([
  "javascript:alert(1)",
  "JaVaScRiPt:alert(1)",
  " javascript:alert(1)",
  "java\nscript:alert(1)",
  "java\tscript:alert(1)",
  "\u0000javascript:alert(1)",
  "\u0001https://example.org",
  "https://exa\nmple.org",
  "vbscript:msgbox(1)",
  "data:text/html,<script>alert(1)</script>",
  "blob:https://example.org/1",
  "file:///etc/passwd",
  "ftp://example.org",
  "//example.org/a",
  "/lab/tree/secret.ipynb",
  "../api/contents",
  "example.org",
  "\\\\example.org\\share",
  "http:/\\example.org",
  "https:example.org",
  "https:///",
  "https://",
  "http://[::1",
  "mailto:",
  "mailto: me",
  "view-source:https://example.org",
  "",
])("refuses %j", (url) => {
  expect(safeHref(url)).toBeNull();
});
