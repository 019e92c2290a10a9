const WEB = /^https?:\/\/[^/\\]/i;
const MAIL = /^mailto:[^\s]/i;

/**
 * `url` as an `href` that a model may set, or `null`: `http(s)` with a host, `mailto`, or a `#fragment` of this page.
 *
 * The URL parser of a browser skips leading control characters and deletes tabs and newlines inside, so
 * `java\nscript:` is a script to it: https://url.spec.whatwg.org/#concept-basic-url-parser. Such a URL is refused, not mended.
 */
export function safeHref(url: string): string | null {
  for (const character of url) if (character <= " " || character === "\x7f") return null;
  if (url.startsWith("#")) return url;
  if (MAIL.test(url)) return url;
  if (!WEB.test(url)) return null;
  try {
    return new URL(url).href;
  } catch {
    return null;
  }
}
