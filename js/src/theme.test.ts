import { afterEach, expect, it } from "vitest";
import { followTheme } from "./theme.ts";

let life: AbortController;

afterEach(() => {
  life.abort();
  for (const node of [document.documentElement, document.body]) {
    for (const { name } of [...node.attributes]) node.removeAttribute(name);
  }
  Reflect.deleteProperty(window, "google");
});

function followed(): HTMLElement {
  const node = document.createElement("div");
  life = new AbortController();
  followTheme(node, life.signal);
  return node;
}

function theme(node: HTMLElement): string {
  return `${node.dataset["host"]} ${node.style.colorScheme}`;
}

it.each([
  ["JupyterLab", "body", { "data-jp-theme-light": "true" }, "jupyter light"],
  ["JupyterLab, dark", "body", { "data-jp-theme-light": "false" }, "jupyter dark"],
  ["VS Code", "body", { "data-vscode-theme-kind": "vscode-light" }, "vscode light"],
  ["VS Code, dark", "body", { "data-vscode-theme-kind": "vscode-dark" }, "vscode dark"],
  ["VS Code, high contrast", "body", { "data-vscode-theme-kind": "vscode-high-contrast" }, "vscode dark"],
  [
    "VS Code, high contrast and light",
    "body",
    { "data-vscode-theme-kind": "vscode-high-contrast-light" },
    "vscode light",
  ],
  ["marimo, dark", "body", { class: "dark dark-theme" }, "other dark"],
  ["a page with a theme", "documentElement", { "data-theme": "light" }, "other light"],
  ["a page that says nothing", "body", {}, "other light dark"],
] as const)("is the page's: %s", (_, where, attributes, expected) => {
  for (const [name, value] of Object.entries(attributes)) document[where].setAttribute(name, value);
  expect(theme(followed())).toBe(expected);
});

it("trusts VS Code before the variables of JupyterLab that it loads", () => {
  document.body.setAttribute("data-jp-theme-light", "true");
  document.body.setAttribute("data-vscode-theme-kind", "vscode-dark");
  expect(theme(followed())).toBe("vscode dark");
});

it("knows Colab", () => {
  Object.assign(window, { google: {} });
  document.documentElement.setAttribute("theme", "dark");
  expect(theme(followed())).toBe("colab dark");
});

it("changes with the page until the view is gone", async () => {
  document.body.setAttribute("data-jp-theme-light", "true");
  const node = followed();
  document.body.setAttribute("data-jp-theme-light", "false");
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(theme(node)).toBe("jupyter dark");
  life.abort();
  document.body.setAttribute("data-jp-theme-light", "true");
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(theme(node)).toBe("jupyter dark");
});
