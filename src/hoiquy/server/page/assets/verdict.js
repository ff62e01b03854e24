// Two runs compared: the verdict in words, and its numbers with their intervals.
import { drawn, element, swatch } from "./elements.js";
import { number, say } from "./texts.js";

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

// What the server says of two runs, as elements; `colours` are those of the runs, in their order.
export function verdict(comparison, colours) {
  const scale = scaleOf(comparison.runs.flatMap((run) => [run.low, run.high]));
  const rows = comparison.runs.map((run, at) => {
    const name = element("span", { class: "named" }, swatch(`run-${colours[at]}`), element("bdi", {}, run.name));
    const picture = interval(scale, { ...run, value: run.accuracy }, `run-${colours[at]}`, false);
    return row(name, number(run.accuracy, "percent2"), ends(run.low, run.high, "percent2"), picture);
  });
  const { difference, low, high, p } = comparison;
  const around = scaleOf([0, low, high]);
  const points = number(difference, "points2", true);
  rows.push(row(say("serve.difference"), points, ends(low, high, "points2"), interval(around, { value: difference, low, high }, "", true)));
  const titles = [["serve.run", ""], ["serve.test_accuracy", "number"], ["serve.interval_95", "number"], ["serve.drawn", ""]];
  return [
    element("p", { class: "verdict" }, comparison.verdict),
    element(
      "div",
      { class: "scroll" },
      element(
        "table",
        { class: "pairs" },
        element("thead", {}, element("tr", {}, ...titles.map(([key, kind]) => element("th", { scope: "col", class: kind }, say(key))))),
        element("tbody", {}, ...rows),
      ),
    ),
    element("p", { class: "aside" }, `${comparison.scope} ${say("serve.p_is", { p: p < 0.001 ? `< ${number(0.001, "decimal3")}` : `= ${number(p, "decimal3")}` })}`),
  ];
}
