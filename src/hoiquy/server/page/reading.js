// One network's reading of a text: answer, probabilities, the line of them, the words, and notes.
import { drawn, element, swatch } from "./elements.js";
import { passage } from "./passage.js";
import { dataName, number, say } from "./texts.js";
import { traceChart } from "./trace_chart.js";
import { turningPoints, unknownWords } from "./trace.js";

const THRESHOLD = 0.5; // a label is given above it, where a text may have several

function facts(model) {
  const said = [say(model.ensemble ? "serve.fact_ensemble" : "serve.fact_parameters", { parameters: model.parameters })];
  const data = dataName(model.data);
  if (model.test_accuracy === null) said.push(say("serve.trained_on", { data }));
  else {
    const key = model.official_test ? "serve.fact_accuracy" : "serve.fact_accuracy_unofficial";
    said.push(say(key, { accuracy: model.test_accuracy, data }));
  }
  return element("p", { class: "aside" }, said.join(" · "));
}

function notes(trace, model) {
  const said = [];
  const unknown = unknownWords(trace);
  if (model.ensemble) said.push(say("serve.ensemble_reads"));
  else if (!trace.left_to_right) said.push(say("serve.not_left_to_right"));
  if (trace.not_read > 0) said.push(say("serve.not_read", { words: trace.not_read, length: model.max_length }));
  if (trace.words.length === 0) said.push(say("serve.no_words"));
  else if (unknown > trace.words.length / 2) said.push(say("serve.mostly_unknown", { unknown, words: trace.words.length }));
  if (model.multilabel) said.push(say("serve.several"));
  else if (model.output === "sigmoid") said.push(say("serve.sigmoids"));
  if (said.length === 0) return null;
  return element("ul", { class: "notices" }, ...said.map((note) => element("li", {}, element("p", {}, note))));
}

function bar(one) {
  const level = drawn("rect", { width: 0, height: 10 });
  const share = element("span", { class: "share" });
  const row = element(
    "li",
    { class: `run-${one.colour}` },
    element("span", { class: "class-name" }, swatch(`class-${one.colour}`), element("bdi", {}, one.name)),
    drawn("svg", { class: "level", viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" }, level),
    share,
  );
  const show = (probability) => {
    level.setAttribute("width", 100 * probability);
    share.textContent = number(probability, "percent1");
  };
  return { row, show };
}

function turns(trace, onStep) {
  const places = turningPoints(trace);
  if (places.length === 0) return null;
  const answer = trace.classes[trace.answer];
  const rows = places.map((at) => {
    const { word, known, change } = trace.words[at];
    const after = trace.probabilities[at + 1][trace.answer];
    const label = known ? [] : [" ", element("span", { class: "under inline" }, say("serve.unknown"))];
    return element(
      "tr",
      {},
      element("th", { scope: "row" }, element("button", { type: "button", class: "word-button", click: () => onStep(at + 1) }, element("bdi", {}, word)), ...label),
      element("td", { class: "number" }, number(change, "points1", true)),
      element("td", { class: "number" }, number(after, "percent1")),
    );
  });
  return element(
    "table",
    { class: "turns" },
    element("caption", {}, element("span", {}, say("serve.turned_most"))),
    element(
      "thead",
      {},
      element(
        "tr",
        {},
        element("th", { scope: "col" }, say("serve.word")),
        element("th", { scope: "col", class: "number" }, say("serve.change")),
        element("th", { scope: "col", class: "number" }, say("serve.after_it", { answer })),
      ),
    ),
    element("tbody", {}, ...rows),
  );
}

// Which class each colour of the words is.
function colourKey(classes) {
  const names = classes.map((one) => element("bdi", { class: `colour-name turns-2 run-${one.colour} class-${one.colour}` }, one.name));
  return element("p", { class: "aside colour-key" }, say("serve.words_key"), ...names.flatMap((name) => [" ", name]));
}

// {element, words, show(step), said(step)} of a trace; `classes` are those that have a colour, and
// onStep hears where the reader wants to be.
export function reading(trace, model, classes, onStep) {
  const left = trace.classes.length - classes.length;
  const bars = classes.map(bar);
  const chart = traceChart(trace, classes, onStep);
  const words = passage(trace, classes, onStep);
  const answer = element("bdi", { class: "answer-name" });
  const share = element("span", { class: "answer-share" });
  const when = element("span", { class: "when" });
  const steps = trace.words.length;

  const best = (step) => {
    const row = trace.probabilities[step];
    const at = row.indexOf(Math.max(...row));
    return { name: trace.classes[at], probability: row[at], colour: classes.find((one) => one.number === at)?.colour };
  };
  // Of a model that may give a text several labels: all of them, as text.
  const labels = (step) => {
    const given = trace.classes.filter((_, number) => trace.probabilities[step][number] > THRESHOLD);
    return given.length > 0 ? given.join(", ") : say("serve.no_label");
  };
  const said = (step) => {
    if (model.multilabel) return say("serve.labels_are", { labels: labels(step) });
    return say("serve.answer_is", { answer: best(step).name, probability: best(step).probability });
  };

  function show(step) {
    const { name, probability, colour } = best(step);
    answer.textContent = model.multilabel ? labels(step) : name;
    answer.className = `answer-name ${colour && !model.multilabel ? `run-${colour}` : ""}`;
    share.textContent = model.multilabel ? "" : number(probability, "percent1");
    when.textContent = step === 0 ? say("serve.before_first_word") : say("serve.after_words", { words: step, of: steps });
    classes.forEach((one, at) => bars[at].show(trace.probabilities[step][one.number]));
    chart.show(step);
    words.show(step);
  }

  const block = element(
    "article",
    { class: "reading", "aria-label": model.name },
    element("header", {}, element("h2", {}, element("bdi", {}, model.name)), facts(model), notes(trace, model)),
    element(
      "div",
      { class: "answer" },
      element("p", { class: "answer-line" }, answer, " ", share, " ", when),
      words.element,
      trace.words.length > 0 ? colourKey(classes) : null,
    ),
    element(
      "div",
      { class: "course" },
      element("ul", { class: "classes" }, ...bars.map((one) => one.row)),
      left > 0 ? element("p", { class: "aside" }, say("serve.more_classes", { classes: left })) : null,
      chart.element,
    ),
    turns(trace, onStep),
  );
  return { element: block, words: steps, show, said };
}
