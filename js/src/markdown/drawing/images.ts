import { isBase64 } from "../../base64.ts";
import { element } from "../../element.ts";
import { safeHref } from "../../safe_url.ts";
import type { Image } from "../inline/tree.ts";

/** Longest `data:` URL that is shown, in UTF-16 units: about 3 MB of image. */
const MAX_DATA = 4_000_000;
const DATA = /^data:image\/(?:png|jpeg|gif|webp);base64,/i;

/**
 * An image that is in the text itself is shown. Any other is a chip with its address, which loads it when it is clicked: a page
 * must not ask for what a model writes by itself.
 */
export function createImage(doc: Document, image: Image): HTMLElement {
  const data = image.src.replace(DATA, "");
  if (data !== image.src && image.src.length <= MAX_DATA && isBase64(data)) return picture(doc, image);
  const href = safeHref(image.src);
  const host = href !== null && /^https?:/i.test(href) ? new URL(href).host : "";
  const label = image.alt.trim() || "image";
  const holder = element(doc, "span", "md-image");
  // Inside a link a click follows the link.
  const chip = element(doc, host === "" || image.inLink ? "span" : "button", "md-chip", label);
  chip.title = image.src.slice(0, 2000);
  if (host !== "") chip.append(element(doc, "span", "md-host", host));
  if (chip.localName === "button") {
    chip.setAttribute("type", "button");
    chip.setAttribute("aria-label", `Load image: ${label}, from ${host}`);
    chip.addEventListener("click", () => holder.replaceChildren(picture(doc, image)));
  }
  holder.append(chip);
  return holder;
}

function picture(doc: Document, image: Image): HTMLElement {
  const node = doc.createElement("img");
  node.alt = image.alt;
  if (image.title !== "") node.title = image.title;
  node.referrerPolicy = "no-referrer";
  node.decoding = "async";
  node.src = image.src;
  return node;
}
