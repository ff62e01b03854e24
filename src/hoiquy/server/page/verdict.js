// Two runs compared: the verdict in words, and its numbers with their intervals.
import { drawn, element, swatch } from "./elements.js";
import { scrollBox } from "./scroll_box.js";
import { dataName, number, say } from "./texts.js";

const WIDTH = 240;
const STEPS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1];

// A scale of fractions that begins and ends at round numbers.
function scaleOf(values) {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const step = STEPS.find((one) => one * 4 >= high - low) ?? 1;
  return { low: Math.floor(low / step) * step, high: Math.ceil(high / step) * step || step };
}

function interval(scale, { value, low, high }, colour, zero) {
  const x = (at) => (8 + ((at - scale.low) / (scale.high - scale.low)) * (WIDTH - 16)).toFixed(1);
  const upright = (name, at) => drawn("line", { class: name, x1: x(at), x2: x(at), y1: 3, y2: 23 });
  return drawn(
    "svg",
    { class: `interval ${colour}`, viewBox: `0 0 ${WIDTH} 26`, width: WIDTH, height: 26, "aria-hidden": "true", focusable: "false" },
    drawn("line", { class: "grid", x1: 8, x2: WIDTH - 8, y1: 13, y2: 13 }),
    zero ? upright("zero", 0) : null,
    drawn("line", { class: "whisker", x1: x(low), x2: x(high), y1: 13, y2: 13 }),
    upright("value", value),
  );
}

function row(name, said, ends, picture) {
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, name),
    element("td", { class: "number strong" }, said),
    element("td", { class: "number" }, ends),
    element("td", { class: "plot-cell" }, picture),
  );
}

function ends(low, high, style) {
  return say("serve.ends", { low: number(low, style), high: number(high, style) });
}

function pValue(p) {
  return p < 0.001 ? `< ${number(0.001, "decimal3")}` : `= ${number(p, p < 0.1 ? "decimal3" : "decimal2")}`;
}

function ofRun(compared, colour, scale) {
  const [low, high] = compared.interval;
  const name = element("span", { class: "named" }, swatch(`run-${colour}`), element("bdi", {}, compared.run));
  const picture = interval(scale, { value: compared.accuracy, low, high }, `run-${colour}`, false);
  return row(name, number(compared.accuracy, "percent2"), ends(low, high, "percent2"), picture);
}

function ofDifference({ difference, interval: [low, high] }) {
  const picture = interval(scaleOf([0, low, high]), { value: difference, low, high }, "", true);
  return row(say("serve.difference"), number(difference, "points2", true), ends(low, high, "points2"), picture);
}

// What the server says of two runs, as elements; `colours` are those of the runs, in their order.
export function verdict(comparison, colours) {
  const { first, second } = comparison;
  const scale = scaleOf([...first.interval, ...second.interval]);
  const head = [
    element("th", { scope: "col" }, say("serve.run")),
    element("th", { scope: "col", class: "number" }, say("serve.test_accuracy")),
    element("th", { scope: "col", class: "number" }, say("serve.interval_95")),
    element("td", {}), // above the drawings, which say the same
  ];
  const table = element(
    "table",
    { class: "pairs" },
    element("thead", {}, element("tr", {}, ...head)),
    element("tbody", {}, ofRun(first, colours[0], scale), ofRun(second, colours[1], scale), ofDifference(comparison)),
  );
  const data = { documents: comparison.documents, data: dataName(comparison.data), p: pValue(comparison.p_value) };
  return [
    element("p", { class: "verdict" }, comparison.sentence),
    scrollBox("comparison-title", table),
    element("p", { class: "aside" }, `${say("serve.compared_on", data)} ${comparison.scope}`),
  ];
}
