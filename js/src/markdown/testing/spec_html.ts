/*
 * Drawn Markdown as the HTML of the CommonMark specification, to compare the two. What is drawn in another way on purpose is
 * written as the specification has it: chips as images, refused links as links, the paragraphs of tight lists as their content.
 */

export function specHtml(node: Node): string {
  if (node.nodeType === 3) return escapeHtml(node.textContent ?? "");
  if (node.nodeType !== 1) return "";
  const element = node as HTMLElement;
  const tag = element.localName;
  const inner = () => [...element.childNodes].map(specHtml).join("");
  if (has(element, "md-code")) return `<pre>${specHtml(element.querySelector("code") as Node)}</pre>`;
  if (has(element, "md-image")) return image(element.firstElementChild as HTMLElement);
  if (has(element, "md-math")) return element.textContent ?? "";
  if (has(element, "md-refused") || (tag === "a" && element.getAttribute("role") === null))
    return link(element, inner());
  if (
    has(element, "md-group") ||
    has(element, "md-lines") ||
    has(element, "md-body") ||
    has(element, "md-table")
  ) {
    return tag === "li" ? [...(element.firstElementChild?.childNodes ?? [])].map(specHtml).join("") : inner();
  }
  if (has(element, "md-host") || has(element, "md-notes")) return "";
  switch (tag) {
    case "div":
      return inner();
    case "br":
    case "hr":
      return `<${tag} />`;
    case "input":
      return `<input${element.hasAttribute("checked") ? ' checked=""' : ""} disabled="" type="checkbox"> `;
    case "p":
      return isTight(element) ? inner() : `<p>${inner()}</p>`;
    case "ol":
      return `<ol${element.hasAttribute("start") ? ` start="${element.getAttribute("start")}"` : ""}>${inner()}</ol>`;
    case "code":
      return `<code${element.className ? ` class="${element.className}"` : ""}>${inner()}</code>`;
    case "th":
    case "td": {
      const align = /md-(left|center|right)/.exec(element.className)?.[1];
      return `<${tag}${align ? ` align="${align}"` : ""}>${inner()}</${tag}>`;
    }
    default:
      return `<${tag}>${inner()}</${tag}>`;
  }
}

function has(element: HTMLElement, name: string): boolean {
  return element.classList.contains(name);
}

function isTight(paragraph: HTMLElement): boolean {
  const item = paragraph.closest("li");
  let holder = paragraph.parentElement;
  while (holder !== null && has(holder, "md-group")) holder = holder.parentElement;
  if (item === null || holder !== item) return false;
  let list = item.parentElement;
  while (list !== null && list.parentElement !== null && has(list.parentElement, "md-group"))
    list = list.parentElement.parentElement;
  return list !== null && !has(list, "md-loose");
}

/** The title of a drawn link is its own title, if it has one, and its address. */
function link(element: HTMLElement, inner: string): string {
  const lines = element.title.split("\n");
  const href = lines.pop() ?? "";
  const title = lines.join("\n");
  return `<a href="${escapeHtml(href)}"${title ? ` title="${escapeHtml(title)}"` : ""}>${inner}</a>`;
}

function image(chip: HTMLElement): string {
  const alt = chip.firstChild?.textContent ?? "";
  return `<img src="${escapeHtml(chip.title)}" alt="${escapeHtml(alt)}" />`;
}

function escapeHtml(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}

/** HTML of the specification in the form in which `specHtml` writes: without line ends between blocks and titles of images. */
export function canonical(html: string): string {
  return html
    .split(/(<pre>[\s\S]*?<\/pre>)/)
    .map((part, index) => (index % 2 === 1 ? part : blocks(part)))
    .join("");
}

function blocks(html: string): string {
  return html
    .replace(/\n*(<\/?(?:p|h[1-6]|ul|ol|li|blockquote|hr|table|thead|tbody|tr|th|td)\b[^>]*>)\n*/g, "$1")
    .replace(/(<img src="[^"]*" alt="[^"]*")(?: title="[^"]*")?( \/>)/g, "$1$2")
    .replace(/<br \/>\n/g, "<br />")
    .replace(/alt="\s*([^"]*?)\s*"/g, (_, alt) => `alt="${alt || "image"}"`)
    .replace(/^\n+|\n+$/g, "");
}
