/** Where the page tells of its theme: attributes of `html` and `body`. */
const ATTRIBUTES = ["class", "data-theme", "theme", "data-jp-theme-light", "data-vscode-theme-kind"];

/** Whose variables may be trusted. VS Code and Colab load Jupyter's as well, and always the light ones. */
type Host = "vscode" | "colab" | "jupyter" | "other";

/** Whose page it is. */
export function hostOf(doc: Document): Host {
  if (doc.body.dataset["vscodeThemeKind"] !== undefined) return "vscode";
  if (doc.defaultView && "google" in doc.defaultView && doc.documentElement.hasAttribute("theme"))
    return "colab";
  return doc.body.dataset["jpThemeLight"] === undefined ? "other" : "jupyter";
}

function isDark(doc: Document, host: Host): boolean | null {
  const { body, documentElement: html } = doc;
  switch (host) {
    case "vscode": {
      const kind = body.dataset["vscodeThemeKind"] ?? "";
      return kind !== "vscode-high-contrast-light" && !kind.endsWith("light");
    }
    case "colab":
      return html.getAttribute("theme") === "dark";
    case "jupyter":
      return body.dataset["jpThemeLight"] === "false";
    case "other": {
      const said = [html, body].flatMap((node) => [node.dataset["theme"] ?? "", ...node.classList]);
      if (said.some((word) => /^(dark|dark-theme|dark-mode|vscode-dark)$/.test(word))) return true;
      return said.some((word) => /^(light|light-theme|light-mode)$/.test(word)) ? false : null;
    }
    default:
      return host satisfies never;
  }
}

/** Keeps `node` in the page's theme until `signal` ends: its `color-scheme`, and in `data-host` whose variables count. */
export function followTheme(node: HTMLElement, signal: AbortSignal): void {
  const doc = node.ownerDocument;
  const apply = () => {
    const host = hostOf(doc);
    const dark = isDark(doc, host);
    node.dataset["host"] = host;
    node.style.colorScheme = dark === null ? "light dark" : dark ? "dark" : "light";
  };
  apply();
  const observer = new MutationObserver(apply);
  for (const each of [doc.documentElement, doc.body]) {
    observer.observe(each, { attributes: true, attributeFilter: ATTRIBUTES });
  }
  signal.addEventListener("abort", () => observer.disconnect());
}
