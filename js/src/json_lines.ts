/** Levels of brackets above which lines would be mostly margin. Models nest about ten. */
const DEEPEST = 32;
const STEP = "  ";

/** What JSON consists of, where it is known to be JSON; brackets around nothing as one. */
const TOKEN = /\{\s*\}|\[\s*\]|[{}[\],:]|"[^"\\]*(?:\\.[^"\\]*)*"|[^\s{}[\],:"]+/g;

/**
 * `json` set out in lines. Numbers stay as they are written, for JavaScript knows none between 2⁵³ and 2⁵³ + 2. Text that is no
 * JSON stays as it is.
 */
export function inLines(json: string): string {
  try {
    JSON.parse(json);
  } catch {
    return json;
  }
  let lines = "";
  let margin = "\n";
  for (const [token] of json.matchAll(TOKEN)) {
    const first = token.charAt(0);
    if (first === '"') lines += JSON.stringify(JSON.parse(token));
    else if (token === "{" || token === "[") {
      margin += STEP;
      lines += token + margin;
    } else if (token === "}" || token === "]") {
      margin = margin.slice(0, -STEP.length);
      lines += margin + token;
    } else if (token === ",") lines += token + margin;
    else if (token === ":") lines += `${token} `;
    else lines += first === "{" || first === "[" ? token.replace(/\s/g, "") : token;
    if (margin.length > DEEPEST * STEP.length + 1) return json;
  }
  return lines;
}
