/* What a reply may consist of. Everything else in it is an offence. */

const ELEMENTS = new Set(
  (
    "a audio blockquote br button code dd del details div dl dt em h1 h2 h3 h4 h5 h6 hr img input li ol p pre s section span strong " +
    "style summary sup svg polyline path table tbody td textarea th thead tr ul " +
    "math semantics annotation mrow mi mn mo ms mtext mspace msub msup msubsup munder mover munderover mmultiscripts mprescripts none " +
    "mfrac msqrt mroot mtable mtr mtd mlabeledtr mpadded mphantom mstyle menclose merror"
  ).split(" "),
);
const LINK = /^(?:https?:\/\/[^/]|mailto:[^\s]|#)/i;
/** Whatever follows this, a browser takes it for pixels or for nothing. */
const PICTURE = /^data:image\/(?:png|jpeg|gif|webp);base64,/i;
const NEVER = /^(?:on.*|id|name|srcdoc|srcset|ping|action|formaction|background|poster|data|is|slot|part|http-equiv|xlink:.*|autofocus|contenteditable|popover)$/i;

/** All that is in `root` and should not be. */
export function offences(root) {
  const found = [];
  for (const element of root.querySelectorAll("*")) {
    const { localName } = element;
    if (!ELEMENTS.has(localName)) found.push(`<${localName}>`);
    for (const { name, value } of element.attributes) {
      if (NEVER.test(name)) found.push(`${localName} ${name}=${value}`);
      if (name === "href" && !(localName === "a" && LINK.test(value))) found.push(`${localName} href=${value}`);
      if (name === "src" && !(localName === "img" && PICTURE.test(value))) found.push(`${localName} src=${value}`);
      if (name === "style" && /url|expression|@|fixed|sticky|animation|\\/i.test(value)) found.push(`style=${value}`);
    }
    if (localName === "a" && element.getAttribute("href")?.[0] !== "#") {
      if (element.hasAttribute("href") && element.rel !== "noopener noreferrer") found.push(`rel=${element.rel}`);
      if (element.hasAttribute("href") && element.target !== "_blank") found.push(`target=${element.target}`);
    }
    if (localName === "style") found.push("<style>");
    const { position, zIndex } = getComputedStyle(element);
    if (position === "fixed" || position === "sticky") found.push(`position: ${position}`);
    if (Number(zIndex) > 10) found.push(`z-index: ${zIndex}`);
  }
  return found;
}

/** Where something of a cell is drawn, or takes clicks, outside of it. */
export function trespasses(cell) {
  // A point that is out of sight has no element.
  cell.scrollIntoView({ block: "center" });
  const { left, right, top, bottom } = cell.getBoundingClientRect();
  const points = [];
  for (let x = left + 20; x < right; x += 170) points.push([x, top - 6], [x, top - 30], [x, bottom + 6], [x, bottom + 30]);
  points.push([right + 20, (top + bottom) / 2], [right + 120, top + 10]);
  return points.flatMap(([x, y]) => {
    return cell.contains(document.elementFromPoint(x, y)) ? [`covers (${x - left}, ${y - top}) beside a cell of ${bottom - top} px`] : [];
  });
}
