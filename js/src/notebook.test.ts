import { expect, test } from "vitest";
import { codeInserter, type NotebookContext } from "./notebook.ts";

function notebookOf(count: number) {
  const cells = Array.from({ length: count }, (_, index) => `cell ${index}`);
  const context: NotebookContext = {
    model: { sharedModel: { cells, insertCell: (index, { source }) => cells.splice(index, 0, source) } },
  };
  return { cells, context };
}

/** A button in the shadow root of a widget; in the cell `index`, unless it is `null`. */
function button(index: number | null): Node {
  const cell = document.createElement("div");
  if (index !== null) cell.dataset["windowedListIndex"] = String(index);
  const widget = document.createElement("div");
  cell.append(widget);
  const node = document.createElement("button");
  widget.attachShadow({ mode: "open" }).append(node);
  return node;
}

test("code goes below the cell that shows it", () => {
  const { cells, context } = notebookOf(3);
  codeInserter(context)?.("x = 1", button(1));
  expect(cells).toEqual(["cell 0", "cell 1", "x = 1", "cell 2"]);
});

test("code of a view outside the notebook goes to its end", () => {
  const { cells, context } = notebookOf(2);
  codeInserter(context)?.("x = 1", button(null));
  expect(cells).toEqual(["cell 0", "cell 1", "x = 1"]);
});

test("a front end that does not show its notebook inserts nothing", () => {
  expect(codeInserter(undefined)).toBeUndefined();
  expect(codeInserter({})).toBeUndefined();
  expect(codeInserter({ model: { sharedModel: { cells: [] } } })).toBeUndefined();
});
