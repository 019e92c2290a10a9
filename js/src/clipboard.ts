/** Puts `text` on the clipboard; says whether it did. A page that is not served securely has no clipboard, but may still copy a selection. */
export async function copyText(doc: Document, text: string): Promise<boolean> {
  const clipboard = doc.defaultView?.navigator.clipboard;
  try {
    if (clipboard) {
      await clipboard.writeText(text);
      return true;
    }
  } catch {
    // Refused: an embedded page may lack the permission. A selection needs none.
  }
  const area = doc.createElement("textarea");
  area.value = text;
  area.style.position = "fixed";
  area.style.opacity = "0";
  doc.body.append(area);
  area.select();
  try {
    return doc.execCommand("copy");
  } finally {
    area.remove();
  }
}
