import { safeHref } from "../../safe_url.ts";
import type { Link } from "../inline/tree.ts";

/** A link, or where it may not lead its text alone, which says in its title where it led. */
export function createLink(doc: Document, link: Link): HTMLElement {
  const href = safeHref(link.href);
  const element = doc.createElement(href === null ? "span" : "a");
  setLink(element, link);
  return element;
}

/** Says whether `element` now is `link`: one that may be followed is another element than one that may not. */
export function updateLink(element: HTMLElement, link: Link): boolean {
  const followed = safeHref(link.href) !== null;
  if (followed !== (element.localName === "a")) return false;
  setLink(element, link);
  return true;
}

function setLink(element: HTMLElement, link: Link): void {
  const href = safeHref(link.href);
  element.title = link.title === "" ? link.href : `${link.title}\n${link.href}`;
  if (href === null) {
    element.className = "md-refused";
    return;
  }
  element.removeAttribute("class");
  element.setAttribute("href", href);
  if (href.startsWith("#")) return;
  element.setAttribute("target", "_blank");
  element.setAttribute("rel", "noopener noreferrer");
}
