const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 72;
const HEIGHT = 14;
const POINTS = 25;

/** The last paces as a line, so that a stall is seen. Decoration: the number stands beside it. */
export class Sparkline {
  readonly node: SVGSVGElement;
  readonly #line: SVGPolylineElement;
  readonly #values: number[] = [];

  constructor(doc: Document) {
    this.node = doc.createElementNS(SVG, "svg");
    this.node.setAttribute("class", "spark");
    this.node.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
    this.node.setAttribute("width", String(WIDTH));
    this.node.setAttribute("height", String(HEIGHT));
    this.node.setAttribute("aria-hidden", "true");
    this.#line = doc.createElementNS(SVG, "polyline");
    this.node.append(this.#line);
  }

  /** The pace is `value` now. */
  add(value: number): void {
    this.#values.push(value);
    if (this.#values.length > POINTS) this.#values.shift();
    const top = Math.max(...this.#values, 1);
    const points = this.#values.map((each, index) => {
      const x = (index / (POINTS - 1)) * WIDTH;
      const y = HEIGHT - 1.5 - (each / top) * (HEIGHT - 3);
      return `${x.toFixed(1)},${y.toFixed(1)}`;
    });
    this.#line.setAttribute("points", points.join(" "));
  }
}
