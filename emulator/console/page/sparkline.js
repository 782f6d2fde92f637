/**
 * Draws the latencies of a connection as bars.
 *
 * @module
 */

const SVG = "http://www.w3.org/2000/svg";

/** Width of a bar including its gap, and height of the picture, in SVG units. */
const [STEP, HEIGHT] = [3, 14];

/** Number of bars. */
const BARS = 32;

export class Sparkline {
  #path;
  #title;

  constructor() {
    this.element = document.createElementNS(SVG, "svg");
    this.element.setAttribute("viewBox", `0 0 ${BARS * STEP} ${HEIGHT}`);
    this.element.setAttribute("role", "img");
    this.element.setAttribute("class", "sparkline");
    this.#title = document.createElementNS(SVG, "title");
    this.#path = document.createElementNS(SVG, "path");
    this.element.append(this.#title, this.#path);
  }

  /** @param {readonly number[]} latencies In ms, newest last. */
  show(latencies) {
    const newest = latencies.slice(-BARS);
    const most = Math.max(...newest, 10);
    const bars = newest.map((latency, index) => {
      // Logarithmic, so that one slow answer does not flatten all others.
      const height = Math.max(1, HEIGHT * Math.log1p(latency) / Math.log1p(most));
      const x = (BARS - newest.length + index) * STEP;
      return `M${x} ${HEIGHT}h${STEP - 1}v${-height.toFixed(1)}h${1 - STEP}z`;
    });
    this.#path.setAttribute("d", bars.join(""));
    const sorted = newest.toSorted((one, other) => one - other);
    const text = sorted.length === 0
      ? "no answers yet"
      : `${sorted.length} answers, median ${sorted[sorted.length >> 1]} ms, ` +
        `slowest ${sorted.at(-1)} ms`;
    if (this.#title.textContent !== text) this.#title.textContent = text;
  }
}
