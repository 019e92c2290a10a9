/** A new element with a class, and with `text` if it is given. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  doc: Document,
  tag: Tag,
  className: string,
  text = "",
): HTMLElementTagNameMap[Tag] {
  const node = doc.createElement(tag);
  node.className = className;
  if (text !== "") node.textContent = text;
  return node;
}

/** Sets the text of `node`, unless it is that already: a rewritten node loses the selection inside it. */
export function setText(node: Node, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}
