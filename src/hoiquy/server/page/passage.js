// The words of a text as the network met them, in the colours of the classes that they raised.
import { element } from "./elements.js";
import { say } from "./texts.js";
import { turn } from "./trace.js";

function worded(trace, classes, at) {
  const { word, known } = trace.words[at];
  const { number, strength } = turn(trace, at);
  const colour = classes.find((one) => one.number === number)?.colour;
  const tint = strength === 0 ? "" : `turns-${strength} ${colour ? `run-${colour} class-${colour}` : ""}`;
  const attributes = { class: `word ${tint} ${known ? "" : "unknown"}`, title: known ? null : say("serve.unknown") };
  return element("bdi", { ...attributes, "data-step": at + 1 }, word);
}

// {element, show(step)}: the word that was read last is marked, those to come are pale. onStep hears
// the word that the reader points at.
export function passage(trace, classes, onStep) {
  const spans = trace.words.map((_, at) => worded(trace, classes, at));
  const point = (event) => {
    const step = event.target.closest("[data-step]")?.dataset.step;
    if (step) onStep(Number(step));
  };
  const text = element("p", { class: "passage", click: point }, ...spans.flatMap((span) => [span, " "]));
  for (const span of spans) span.classList.add("to-come");
  let shown = 0;

  function show(step) {
    const changed = spans.slice(Math.min(shown, step), Math.max(shown, step));
    for (const span of changed) span.classList.toggle("to-come", step < shown);
    spans[shown - 1]?.classList.remove("now");
    spans[step - 1]?.classList.add("now");
    shown = step;
  }

  return { element: text, show };
}
