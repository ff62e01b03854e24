// What to do where there is nothing to show yet: the runs that are in training, or how to train one.
// Beside models: why other runs are not among them.
import { element } from "./elements.js";
import { say } from "./texts.js";

const COMMANDS = [
  ["serve.train_own", "hoiquy train reviews.csv --minutes 5 --out FOLDER/mine"],
  ["serve.train_lab", "hoiquy lab --quick --out FOLDER/lab"],
];

function command(line) {
  return element("pre", { class: "command", tabindex: 0 }, element("code", {}, line));
}

function named(runs) {
  return runs.map((run) => run.name).join(", ");
}

function resuming(interrupted) {
  return command(interrupted.map((run) => `hoiquy resume FOLDER/${run.name}`).join("\n"));
}

// Runs that have no model to try yet, with how to resume them; nothing if there is none.
export function notOffered(runs, models) {
  const others = runs.filter((run) => !models.some((model) => model.name === run.name));
  const training = others.filter((run) => run.status === "training");
  const interrupted = others.filter((run) => run.status === "interrupted");
  const told = [];
  if (training.length > 0) told.push(element("p", {}, say("serve.not_yet", { names: named(training) })));
  if (interrupted.length > 0) {
    told.push(element("p", {}, say("serve.not_offered", { names: named(interrupted) })), resuming(interrupted));
  }
  return told;
}

// In training: a link to its curves; interrupted: how to resume; else two ways to begin.
export function waysOn(runs) {
  const training = runs.filter((run) => run.status === "training");
  const interrupted = runs.filter((run) => run.status === "interrupted");
  if (training.length > 0) {
    const link = element("a", { href: "#runs" }, say("serve.watch_training"));
    return [element("p", {}, say("serve.in_training", { names: named(training) }), " ", link)];
  }
  if (interrupted.length > 0) {
    const said = element("p", {}, say("serve.was_interrupted", { names: named(interrupted) }));
    return [said, resuming(interrupted), element("p", { class: "aside" }, say("serve.folder_is"))];
  }
  const ways = COMMANDS.flatMap(([key, line]) => [element("p", {}, say(key)), command(line)]);
  return [...ways, element("p", { class: "aside" }, say("serve.folder_is"))];
}
