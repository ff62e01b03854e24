// The probabilities of a trace over its words: pale for the whole text, strong as far as it is read.
import { drawn, element } from "./elements.js";
import { number, say } from "./texts.js";

function points(trace, one, upTo) {
  const rows = trace.probabilities.slice(0, upTo + 1);
  return rows.map((row, at) => `${at},${(100 * (1 - row[one.number])).toFixed(2)}`).join(" ");
}

// {element, show(step)}; onStep hears the step that the reader points at. Steps are 0 to words.
export function traceChart(trace, classes, onStep) {
  const steps = trace.words.length;
  const line = (one, kind) => drawn("polyline", { class: `${kind} run-${one.colour} class-${one.colour}` });
  const whole = classes.map((one) => line(one, "whole"));
  const read = classes.map((one) => line(one, "read"));
  const dots = classes.map((one) => drawn("path", { class: `dot run-${one.colour}` }));
  const here = drawn("path", { class: "here" });
  classes.forEach((one, at) => whole[at].setAttribute("points", points(trace, one, steps)));

  const grid = [0, 50, 100].map((y) => drawn("path", { class: "grid", d: `M0 ${y}H${steps}` }));
  const picture = drawn(
    "svg",
    { viewBox: `0 0 ${Math.max(steps, 1)} 100`, preserveAspectRatio: "none", "aria-hidden": "true" },
    ...grid, ...whole, here, ...read, ...dots,
  );
  const labels = [1, 0.5, 0].map((share) => element("span", {}, number(share, "percent0")));
  const area = element("div", { class: "trace-area" }, picture);
  const chart = element(
    "div",
    { class: "trace-chart", role: "img", "aria-label": say("serve.chart_label") },
    element("div", { class: "trace-scale", "aria-hidden": "true" }, ...labels),
    area,
    element(
      "div",
      { class: "trace-ends", "aria-hidden": "true" },
      element("span", {}, say("serve.before_first")),
      element("span", {}, say("serve.last_word")),
    ),
  );

  function point(event) {
    const box = area.getBoundingClientRect();
    const share = Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1);
    onStep(Math.round(share * steps));
  }

  area.addEventListener("pointerdown", (event) => {
    area.setPointerCapture(event.pointerId);
    point(event);
  });
  area.addEventListener("pointermove", (event) => {
    if (area.hasPointerCapture(event.pointerId)) point(event);
  });

  function show(step) {
    here.setAttribute("d", `M${step} 0V100`);
    classes.forEach((one, at) => {
      const y = (100 * (1 - trace.probabilities[step][one.number])).toFixed(2);
      read[at].setAttribute("points", points(trace, one, step));
      dots[at].setAttribute("d", `M${step} ${y}h0`); // a round cap, whatever the picture's width
    });
  }

  return { element: chart, show };
}
