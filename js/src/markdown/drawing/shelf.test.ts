import { expect, test } from "vitest";
import { Shelf } from "./shelf.ts";

function fill(count: number): { node: HTMLElement; full: HTMLElement[] } {
  const node = document.createElement("div");
  const full: HTMLElement[] = [];
  const makeGroup = () => {
    const group = document.createElement("div");
    return { outer: group, inner: group };
  };
  const shelf = new Shelf(node, makeGroup, (group) => full.push(group));
  for (let index = 0; index < count; index++) {
    const box = document.createElement("p");
    box.textContent = `${index} `;
    shelf.place(box);
  }
  return { node, full };
}

test.each([0, 1, 16, 17, 272, 273, 5000])("%d boxes keep their order", (count) => {
  const { node } = fill(count);
  expect(node.textContent).toBe(Array.from({ length: count }, (_, index) => `${index} `).join(""));
});

test("no element has many children, however many boxes there are", () => {
  const { node } = fill(20_000);
  const most = Math.max(...[node, ...node.querySelectorAll("div")].map((element) => element.children.length));
  expect(most).toBeLessThanOrEqual(16 * 4);
  expect(Math.max(...[...node.querySelectorAll("div")].map((element) => element.children.length))).toBe(16);
});

test("each group that is full is told once, when the next begins", () => {
  expect(fill(32).full.length).toBe(0);
  expect(fill(33).full.length).toBe(1);
  const { node, full } = fill(1000);
  const groups = [...node.querySelectorAll("div")].filter(
    (group) => group.firstElementChild?.localName === "p",
  );
  expect(full).toEqual(groups.slice(0, -1));
});
