// The learning curves of the chosen runs, drawn by the scripts of the report; they grow while a run
// is trained.
import { element, swatch } from "./elements.js";
import { scrollBox } from "./scroll_box.js";
import { language, say } from "./texts.js";

const MEASURES = ["accuracy", "loss"];
const SHAPES = ["train", "validation"];

function panel(measure, names) {
  const label = say("page.plot_label", { measure: say(`curve.${measure}`), name: names });
  return element(
    "div",
    { class: "panel" },
    element("p", { class: "panel-title" }, say(`curve.${measure}_axis`)),
    element("div", { class: "plot", "data-measure": measure, role: "img", "aria-label": label }),
  );
}

function slider(last) {
  return element(
    "div",
    { class: "slider" },
    element("label", { for: "epoch" }, say("curve.epoch")),
    element("input", { type: "range", id: "epoch", "data-part": "epoch", min: 1, max: last, value: last, step: 1 }),
    element("output", { for: "epoch", "data-part": "epoch-shown" }, String(last)),
  );
}

function zoomButtons() {
  const button = (part, key, sign) =>
    element("button", { type: "button", "data-part": part, "aria-label": sign ? say(key) : null }, sign ?? say(key));
  return element(
    "div",
    { class: "buttons", role: "group", "aria-label": say("page.zoom") },
    button("in", "page.zoom_in"),
    button("out", "page.zoom_out"),
    button("earlier", "page.earlier", "←"),
    button("later", "page.later", "→"),
    button("reset", "page.reset"),
  );
}

function lineBoxes() {
  const boxes = SHAPES.map((shape) =>
    element(
      "label",
      {},
      element("input", { type: "checkbox", "data-part": shape, checked: true }),
      swatch(shape === "validation" ? "all-dashed" : ""),
      say(`curve.${shape}`),
    ),
  );
  return element("div", { class: "lines", role: "group", "aria-label": say("page.lines") }, ...boxes);
}

function legendRow(run, at) {
  const values = MEASURES.flatMap((measure) => [measure, `val_${measure}`]);
  return element(
    "tr",
    { "data-run": at },
    element(
      "th",
      { scope: "row" },
      element(
        "label",
        {},
        element("input", { type: "checkbox", "data-part": "run", "data-run": at, checked: true }),
        swatch(`run-${run.colour}`),
        element("bdi", {}, run.name),
      ),
    ),
    ...values.map((value) => element("td", { class: "number", "data-value": value })),
  );
}

function legend(runs) {
  const measures = MEASURES.map((measure) =>
    element("th", { scope: "colgroup", colspan: 2, class: "number" }, say(`curve.${measure}_axis`)),
  );
  const shapes = MEASURES.flatMap(() => SHAPES).map((shape) =>
    element("th", { scope: "col", class: "number" }, say(`curve.${shape}`)),
  );
  const caption = element("span", {}, `${say("page.values_caption")} `, element("span", { "data-part": "epoch-caption" }));
  return element(
    "table",
    { class: "legend" },
    element("caption", { id: "values-caption" }, caption),
    element(
      "thead",
      {},
      element("tr", {}, element("th", { scope: "col", rowspan: 2 }, say("page.shown")), ...measures),
      element("tr", {}, ...shapes),
    ),
    element("tbody", {}, ...runs.map(legendRow)),
  );
}

function texts() {
  const said = Object.fromEntries(["epoch", "train", "validation", "test"].map((name) => [name, say(`curve.${name}`)]));
  return { ...said, seed: say("page.seed", { seed: "#" }), atEpoch: say("page.at_epoch", { epoch: "#" }) };
}

// How a run is told to curves.js; its lists grow in place.
function curveOf(run) {
  const label = { [language()]: run.name };
  const lists = { accuracy: [], val_accuracy: [], loss: [], val_loss: [] };
  return { ...lists, name: run.name, label, seed: null, colour: run.colour, test: null };
}

function extend(curve, history) {
  for (const record of history.slice(curve.loss.length)) {
    for (const measure of ["accuracy", "val_accuracy"]) curve[measure].push(100 * record[measure]);
    for (const measure of ["loss", "val_loss"]) curve[measure].push(record[measure]);
  }
}

// {show(runs), redraw()}. runs: [{name, colour, epochs, history}], epochs: how long the axis is to be.
export function runCurves(root) {
  let drawn = null; // {key, curves, figure}

  function build(runs, key) {
    const curves = runs.map(curveOf);
    runs.forEach((run, at) => extend(curves[at], run.history));
    const last = Math.max(...curves.map((curve) => curve.loss.length));
    const names = runs.map((run) => run.name).join(", ");
    const figure = element(
      "figure",
      { "data-curves": curves.map((_, at) => at).join(" "), "data-full": "true" },
      element("div", { class: "panels" }, ...MEASURES.map((measure) => panel(measure, names))),
      element("div", { class: "chart-tools" }, slider(last), zoomButtons(), lineBoxes()),
      scrollBox("values-caption", legend(curves)),
      element("figcaption", {}, `${say("page.curves_intro")} ${say("page.curves_how")}`),
    );
    root.replaceChildren(figure);
    const data = {
      runs: curves,
      texts: { [language()]: texts() },
      epochs: Math.max(last, ...runs.map((run) => run.epochs)),
    };
    drawn = { key, curves, figure: window.hoiquyCurves.figure(figure, data, language()) };
    drawn.figure.grow(); // from nothing
  }

  function show(runs) {
    const key = JSON.stringify([language(), runs.map(({ name, colour, epochs }) => [name, colour, epochs])]);
    if (runs.every((run) => run.history.length === 0)) {
      drawn = null;
      root.replaceChildren();
    } else if (drawn?.key !== key || runs.some((run, at) => run.history.length < drawn.curves[at].loss.length)) {
      build(runs, key);
    } else if (runs.some((run, at) => run.history.length > drawn.curves[at].loss.length)) {
      runs.forEach((run, at) => extend(drawn.curves[at], run.history));
      drawn.figure.grow();
    }
  }

  return { show, redraw: () => drawn?.figure.draw() };
}
