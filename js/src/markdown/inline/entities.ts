/*
 * Stands in for the package `entities`, of which markdown-it uses this one function (`build.mjs` puts it there). The page knows all
 * names of characters; a table of them would be a quarter of our code.
 */

const decoded = new Map<string, string>();
const MAX_DECODED = 3000;

/** The characters that `&name;` stands for; what is no such name as it is. */
export function decodeHTMLStrict(entity: string): string {
  // Nothing but letters and digits is ever handed to the page's parser.
  if (!/^&[A-Za-z][A-Za-z0-9]*;$/.test(entity)) return entity;
  const known = decoded.get(entity);
  if (known !== undefined) return known;
  const text = new DOMParser().parseFromString(entity, "text/html").body.textContent ?? "";
  // HTML also reads the beginning of a name: `&notit;` is `¬it;` to it.
  const characters = text.endsWith(";") && entity !== "&semi;" ? entity : text;
  if (decoded.size >= MAX_DECODED) decoded.clear();
  decoded.set(entity, characters);
  return characters;
}
