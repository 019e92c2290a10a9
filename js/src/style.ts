import markdown from "./markdown/style.css";
import own from "./style.css";

const css = own + markdown;

let shared: CSSStyleSheet | undefined;

/** Gives `root` the one style sheet that all replies of the page share. */
export function adoptStyle(root: ShadowRoot): void {
  try {
    if (shared === undefined) {
      shared = new CSSStyleSheet();
      shared.replaceSync(css);
    }
    root.adoptedStyleSheets = [shared];
  } catch {
    // A sheet belongs to the document that made it: a reply in another window needs its own.
    const style = root.ownerDocument.createElement("style");
    style.textContent = css;
    root.append(style);
  }
}
