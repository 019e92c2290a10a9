// Its source: the built file carries a parser of chemical formulas, a fifth of all of it.
import temml from "temml/temml.js";
import type { MathBundle } from "./drawing/formulas.ts";

/** Entry point of the bundle `math`. */
export const formula: MathBundle["formula"] = (source, display) => {
  const holder = document.createElement("span");
  try {
    // `trust` off: no links, images, classes or styles out of the formula.
    temml.render(source, holder, {
      displayMode: display,
      wrap: "tex",
      throwOnError: true,
      trust: false,
      maxExpand: 1000,
      maxSize: [50, 50],
    });
  } catch {
    return null;
  }
  // `\label` makes one, whatever it is called.
  for (const named of holder.querySelectorAll("[id]")) named.removeAttribute("id");
  return holder.firstElementChild;
};
