import { safeHref } from "../../safe_url.ts";
import type { Link } from "./tree.ts";

/**
 * The host that a link leads to, if its text names another one or hides it behind an address; else `null`.
 *
 * `[https://bank.example](https://evil.example)` is drawn with the host after it.
 */
export function hiddenHost(link: Link, text: string): string | null {
  const href = safeHref(link.href);
  if (href === null || href.startsWith("#")) return null;
  const target = targetOf(href);
  const named = hostsIn(text);
  return named.length > 0 && named.some((host) => host !== target) ? target : null;
}

function targetOf(href: string): string {
  if (/^mailto:/i.test(href))
    return href
      .replace(/^mailto:/i, "")
      .replace(/\?.*/, "")
      .toLowerCase();
  return bare(new URL(href).hostname);
}

const ADDRESS = /(?:\b[a-z][a-z0-9+.-]*:\/\/|\bwww\.)[^\s/?#]+/gi;
const DOMAIN =
  /^[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*\.(?:com|org|net|edu|gov|io|dev|ai|app|cn|de|uk|jp|fr|ru|eu|info|me|co)(?=[/:?#]|$)/iu;
const MAIL = /^[^\s@]+@[^\s@]+$/;

function hostsIn(text: string): string[] {
  const trimmed = text.trim();
  if (MAIL.test(trimmed)) return [trimmed.replace(/^mailto:/i, "").toLowerCase()];
  const found = trimmed.match(ADDRESS) ?? trimmed.match(DOMAIN) ?? [];
  return found.map((address) => bare(hostOf(address)));
}

function hostOf(address: string): string {
  try {
    return new URL(address.includes("://") ? address : `http://${address}`).hostname;
  } catch {
    return address.toLowerCase();
  }
}

function bare(host: string): string {
  return host.replace(/^www\./, "");
}
