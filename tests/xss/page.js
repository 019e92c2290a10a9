/* Renders payloads with the page's code as it is shipped, and says what they did. Called by the test through `attack`. */
import { attach } from "./core.js";
import { offences, trespasses } from "./audit.js";

const bundles = { math: () => import("./math.js"), highlight: () => import("./highlight.js") };
const host = { load: (name) => bundles[name](), insertCode: () => {} };
const cells = document.getElementById("cells");

const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
/** A task later: what has been drawn in this frame is laid out, and what it loads is asked for. */
const pause = () => new Promise((resolve) => setTimeout(resolve));

/** A model as a front end hands it to a widget; the kernel's end sends nothing but `about`. */
function modelOf(about) {
  const state = { about, last_seq: 0, snapshot: { seq: 0, at: 0, deltas: 0, events: [] } };
  return { get: (name) => state[name], on() {}, off() {}, send() {}, widget_manager: { get_model: async () => undefined } };
}

/** A reply in a cell of its own. Each of `parts` is `[kind, fields of its start, text, reason of its end]`. */
class Cell {
  constructor({ parts, end, about }) {
    this.parts = parts;
    this.end = end;
    this.node = document.createElement("div");
    this.node.className = "cell";
    cells.append(this.node);
    this.seq = 0;
    this.deltas = 0;
    this.session = attach(modelOf(about), host, [], modelOf({}));
    this.drop = this.session.render(this.node);
  }

  send(...events) {
    this.seq += 1;
    this.session.receive({ seq: this.seq, at: this.seq / 100, deltas: this.deltas, events });
  }

  open() {
    this.send(...this.parts.map(([kind, more], index) => ({ type: "part_start", index, kind, at: 0, ...more })));
  }

  /** All texts grow by `step` UTF-16 units from `from`. Says whether there is more. */
  grow(from, step) {
    const events = [];
    for (const [index, [, , text]] of this.parts.entries()) {
      const piece = text.slice(from, from + step);
      if (piece !== "") events.push({ type: "part_delta", index, text: piece });
    }
    this.deltas += events.length;
    if (events.length > 0) this.send(...events);
    return events.length > 0;
  }

  close() {
    this.send(
      ...this.parts.map(([, , , reason], index) => ({ type: "part_end", index, reason: reason ?? "", at: 1 })),
      { type: "stream_end", at: 2, ...this.end },
    );
  }

  /** Shows texts as they came, and drawn again. */
  press() {
    const buttons = [...this.root.querySelectorAll(".actions button")];
    const raw = buttons.find(({ textContent }) => textContent === "Raw");
    for (let times = 0; times < 2; times += 1) raw?.click();
    for (const details of this.root.querySelectorAll("details")) details.open = true;
  }

  get root() {
    return this.node.firstElementChild.shadowRoot;
  }

  dispose() {
    this.drop();
    this.session.dispose();
    this.node.remove();
  }
}

/**
 * Renders `replies` side by side, in pieces of `step` UTF-16 units a frame (0: whole), and looks at each.
 * Gives `{deltas, found: [[index, offences], ...]}`.
 */
async function attack(replies, step) {
  const before = surroundings();
  const made = replies.map((reply) => new Cell(reply));
  const found = new Map();
  const note = (index, what) => {
    if (what.length > 0) found.set(index, [...new Set([...(found.get(index) ?? []), ...what])].slice(0, 20));
  };
  const look = () => {
    for (const [index, cell] of made.entries()) note(index, offences(cell.root));
  };
  for (const cell of made) cell.open();
  let at = 0;
  for (let growing = made; growing.length > 0; at += step || Number.MAX_SAFE_INTEGER) {
    growing = growing.filter((cell) => cell.grow(at, step || Number.MAX_SAFE_INTEGER));
    await frame();
    if (step > 0 && at % 16 === 0) look();
  }
  await pause();
  for (const cell of made) cell.close();
  await frame();
  await pause();
  for (const cell of made) cell.press();
  await frame();
  await pause();
  look();
  for (const [index, cell] of made.entries()) note(index, trespasses(cell.node));
  const outside = document.getAnimations().filter(({ effect }) => effect?.target?.getRootNode() === document);
  const deltas = made.reduce((sum, cell) => sum + cell.deltas, 0);
  for (const cell of made) cell.dispose();
  if (outside.length > 0) trip("something is animated outside of replies");
  const after = surroundings();
  if (after !== before) trip(`the page has changed: ${before} is now ${after}`);
  return { deltas, found: [...found], tripped: tripped.splice(0) };
}

/** Renders `html` as no reply may: so that the test sees that it would see. Waits for `sign`, which takes a busy machine a while. */
async function control(html, sign) {
  const before = surroundings();
  const cell = document.createElement("div");
  cell.className = "cell";
  cells.append(cell);
  cell.innerHTML = html;
  let found = [];
  for (let waits = 100; waits > 0; waits -= 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    found = [...offences(cell), ...trespasses(cell)];
    if (surroundings() !== before) trip("the page has changed");
    if (JSON.stringify([found, tripped]).includes(sign)) break;
  }
  cell.remove();
  return { found, tripped: tripped.splice(0) };
}

await Promise.all(Object.values(bundles).map((load) => load()));
Object.assign(globalThis, { attack, control, ready: true });
