import { hiddenHost } from "./hidden_host.ts";
import type { Token } from "./syntax.ts";

/** What stands in a line of text: characters, or a span of them. */
export type Inline = string | Span;

export interface Span {
  readonly kind:
    | "em"
    | "strong"
    | "s"
    | "code"
    | "br"
    | "link"
    | "unfinished"
    | "math"
    | "image"
    | "note"
    | "host";
  /** What it is besides its children: two spans that agree in this and in `kind` are drawn as the same element. */
  readonly key: string;
  readonly children: readonly Inline[];
  readonly link?: Link;
  readonly math?: Formula;
  readonly image?: Image;
}

export interface Link {
  readonly href: string;
  readonly title: string;
}

export interface Formula {
  readonly source: string;
  readonly display: boolean;
}

export interface Image {
  readonly src: string;
  readonly alt: string;
  readonly title: string;
  readonly inLink: boolean;
}

/** The tree that flat `tokens` describe. Neighbouring characters are one string. */
export function inlineTree(tokens: readonly Token[]): Inline[] {
  const root: Inline[] = [];
  const stack: { token: Token; children: Inline[] }[] = [];
  let children = root;
  for (const token of tokens) {
    if (token.nesting === 1) {
      stack.push({ token, children });
      children = [];
    } else if (token.nesting === -1) {
      const opened = stack.pop();
      if (opened === undefined) continue;
      const span = container(opened.token, children);
      children = opened.children;
      children.push(span);
    } else
      add(
        children,
        leaf(
          token,
          stack.some(({ token: { type } }) => type === "link_open"),
        ),
      );
  }
  return root;
}

/** Puts `item` at the end of `items`. */
export function add(items: Inline[], item: Inline): void {
  const last = items.length - 1;
  if (item === "") return;
  if (typeof item === "string" && typeof items[last] === "string") items[last] += item;
  else items.push(item);
}

/** The characters in it, without what they are marked as. */
export function plainText(items: readonly Inline[]): string {
  return items.map((item) => (typeof item === "string" ? item : plainText(item.children))).join("");
}

function container(token: Token, children: Inline[]): Span {
  switch (token.type) {
    case "em_open":
      return { kind: "em", key: "", children };
    case "strong_open":
      return { kind: "strong", key: "", children };
    case "s_open":
      return { kind: "s", key: "", children };
    default: {
      if (token.info === "unfinished") return { kind: "link", key: "", children };
      const link = { href: attribute(token, "href"), title: attribute(token, "title") };
      const host = hiddenHost(link, plainText(children));
      if (host !== null) children.push({ kind: "host", key: "", children: [` (${host})`] });
      return { kind: "link", key: `${link.href}\n${link.title}`, children, link };
    }
  }
}

function leaf(token: Token, inLink: boolean): Inline {
  switch (token.type) {
    case "softbreak":
      return "\n";
    case "hardbreak":
      return { kind: "br", key: "", children: [] };
    case "code_inline":
      return { kind: "code", key: "", children: token.content === "" ? [] : [token.content] };
    case "math": {
      const math = { source: token.content, display: token.meta?.["display"] === true };
      return { kind: "math", key: `${math.display}${math.source}`, children: [], math };
    }
    case "unfinished_math":
      return {
        kind: "unfinished",
        key: "math",
        children: [token.content.replace(/^(?:\$\$?|\\[[(])\s*/, "")],
      };
    case "unfinished_image":
      return { kind: "unfinished", key: "image", children: [token.content] };
    case "image": {
      const image = {
        src: attribute(token, "src"),
        alt: altText(token.children ?? []),
        title: attribute(token, "title"),
        inLink,
      };
      return {
        kind: "image",
        key: `${inLink}\n${image.src}\n${image.title}\n${image.alt}`,
        children: [],
        image,
      };
    }
    case "note":
      return { kind: "note", key: token.content, children: [] };
    default:
      return token.content;
  }
}

function altText(tokens: readonly Token[]): string {
  return tokens
    .map((token) => {
      if (token.children !== null) return altText(token.children);
      return token.type === "softbreak" || token.type === "hardbreak" ? "\n" : token.content;
    })
    .join("");
}

function attribute(token: Token, name: string): string {
  return String(token.attrGet(name) ?? "");
}
