import hljs from "highlight.js/lib/core";
import bash from "highlight.js/lib/languages/bash";
import c from "highlight.js/lib/languages/c";
import cpp from "highlight.js/lib/languages/cpp";
import diff from "highlight.js/lib/languages/diff";
import dockerfile from "highlight.js/lib/languages/dockerfile";
import go from "highlight.js/lib/languages/go";
import ini from "highlight.js/lib/languages/ini";
import java from "highlight.js/lib/languages/java";
import javascript from "highlight.js/lib/languages/javascript";
import json from "highlight.js/lib/languages/json";
import python from "highlight.js/lib/languages/python";
import r from "highlight.js/lib/languages/r";
import rust from "highlight.js/lib/languages/rust";
import shell from "highlight.js/lib/languages/shell";
import sql from "highlight.js/lib/languages/sql";
import typescript from "highlight.js/lib/languages/typescript";
import xml from "highlight.js/lib/languages/xml";
import yaml from "highlight.js/lib/languages/yaml";
import type { HighlightBundle, Run } from "./drawing/highlighter.ts";

/* Entry point of the bundle `highlight`: the languages of most code in answers. Others stay plain. */

const languages = { bash, c, cpp, diff, dockerfile, go, ini, java, javascript, json, python, r };
const more = { rust, shell, sql, typescript, xml, yaml };
for (const [name, language] of Object.entries({ ...languages, ...more }))
  hljs.registerLanguage(name, language);

/** Class names by what highlight.js calls a piece of code, up to its first `.`. All others look like their surroundings. */
const CLASSES: Readonly<Record<string, string>> = {
  addition: "hl-added",
  attr: "hl-property",
  attribute: "hl-property",
  built_in: "hl-builtin",
  bullet: "hl-keyword",
  comment: "hl-comment",
  deletion: "hl-deleted",
  doctag: "hl-keyword",
  keyword: "hl-keyword",
  literal: "hl-constant",
  meta: "hl-meta",
  name: "hl-keyword",
  number: "hl-number",
  property: "hl-property",
  quote: "hl-comment",
  regexp: "hl-string",
  section: "hl-title",
  "selector-class": "hl-title",
  "selector-id": "hl-title",
  "selector-tag": "hl-keyword",
  string: "hl-string",
  symbol: "hl-constant",
  title: "hl-title",
  type: "hl-type",
};

/** Collects pieces of code where highlight.js would write HTML. */
class RunEmitter {
  readonly runs: Run[] = [];
  readonly #scopes: string[] = [];

  addText(text: string): void {
    if (text !== "") this.runs.push({ text, scope: this.#scopes[this.#scopes.length - 1] ?? "" });
  }

  openNode(name: string): void {
    const around = this.#scopes[this.#scopes.length - 1] ?? "";
    this.#scopes.push(CLASSES[name.replace(/\..*/, "")] ?? (name === "subst" ? "" : around));
  }

  closeNode(): void {
    this.#scopes.pop();
  }

  startScope(name: string): void {
    this.openNode(name);
  }

  endScope(): void {
    this.closeNode();
  }

  __addSublanguage(emitter: RunEmitter): void {
    this.runs.push(...emitter.runs);
  }

  finalize(): void {}

  toHTML(): string {
    return "";
  }
}

hljs.configure({ __emitter: RunEmitter });

export const runs: HighlightBundle["runs"] = (code, language) => {
  if (hljs.getLanguage(language) === undefined) return null;
  const result = hljs.highlight(code, { language, ignoreIllegals: true });
  return (result._emitter as RunEmitter).runs;
};
