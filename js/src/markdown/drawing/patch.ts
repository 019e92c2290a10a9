import type { Inline, Span } from "../inline/tree.ts";

/** Makes and changes the elements of spans; what stands in them is `patch`'s own affair. */
export interface SpanPainter {
  readonly doc: Document;
  create(span: Span): HTMLElement;
  /** `element` was drawn for `old`, of the same kind. Says whether it now shows `span`. */
  update(element: HTMLElement, old: Span, span: Span): boolean;
}

/** A place among the children of an element: after `node`, or inside it if that is a text, after `offset` units. */
export interface Place {
  readonly node: ChildNode | null;
  readonly offset: number;
}

export const START: Place = { node: null, offset: 0 };

const spans = new WeakMap<Node, Span>();

/**
 * Makes `items` what stands in `parent` after `from`. Nodes that show the same already are kept, and a text that grows is only
 * appended to. Returns where the first `count` items end, of which the last, if it is a text, counts up to `length` only.
 */
export function patch(
  painter: SpanPainter,
  parent: HTMLElement,
  items: readonly Inline[],
  from: Place = START,
  count = 0,
  length = 0,
): Place {
  let place = from;
  let skip = from.offset;
  let node = skip > 0 ? from.node : from.node === null ? parent.firstChild : from.node.nextSibling;
  if (skip > 0 && typeof items[0] !== "string" && node !== null) {
    trimText(node as Text, skip);
    node = node.nextSibling;
    skip = 0;
  }
  items.forEach((item, index) => {
    const drawn =
      typeof item === "string" ? text(painter, parent, node, skip, item) : span(painter, parent, node, item);
    if (index === count - 1) {
      place = typeof item === "string" ? { node: drawn, offset: skip + length } : { node: drawn, offset: 0 };
    }
    node = drawn.nextSibling;
    skip = 0;
  });
  while (node !== null) {
    const next: ChildNode | null = node.nextSibling;
    node.remove();
    node = next;
  }
  return place;
}

function trimText(node: Text, length: number): void {
  if (node.length > length) node.deleteData(length, node.length - length);
}

function text(
  painter: SpanPainter,
  parent: HTMLElement,
  node: ChildNode | null,
  skip: number,
  data: string,
): Text {
  if (node?.nodeType !== 3) {
    const created = painter.doc.createTextNode(data);
    parent.insertBefore(created, node);
    return created;
  }
  const drawn = node as Text;
  const old = drawn.substringData(skip, drawn.length - skip);
  if (old === data) return drawn;
  if (data.startsWith(old)) drawn.appendData(data.slice(old.length));
  else {
    let same = 0;
    while (same < old.length && old[same] === data[same]) same++;
    drawn.replaceData(skip + same, old.length - same, data.slice(same));
  }
  return drawn;
}

function span(painter: SpanPainter, parent: HTMLElement, node: ChildNode | null, item: Span): ChildNode {
  const old = node === null ? undefined : spans.get(node);
  let element = node as HTMLElement;
  let children = old?.children ?? [];
  if (old?.kind !== item.kind || (old.key !== item.key && !painter.update(element, old, item))) {
    element = painter.create(item);
    children = [];
    parent.insertBefore(element, node);
    if (node?.nodeType === 1) node.remove();
  }
  spans.set(element, item);
  if (item.children.length > 0 || children.length > 0) patch(painter, element, item.children);
  return element;
}
