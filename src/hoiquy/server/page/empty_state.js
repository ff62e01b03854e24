// What to do where there is nothing to show yet: the runs that are in training, or how to train one.
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

// In training: a link to its curves; interrupted: how to resume; else two ways to begin.
export function waysOn(runs) {
  const training = runs.filter((run) => run.status === "training");
  const interrupted = runs.filter((run) => run.status === "interrupted");
  if (training.length > 0) {
    const link = element("a", { href: "#runs" }, say("serve.watch_training"));
    return [element("p", {}, say("serve.in_training", { names: named(training) }), " ", link)];
  }
  if (interrupted.length > 0) {
    const lines = interrupted.map((run) => `hoiquy resume FOLDER/${run.name}`).join("\n");
    return [element("p", {}, say("serve.was_interrupted", { names: named(interrupted) })), command(lines)];
  }
  const ways = COMMANDS.flatMap(([key, line]) => [element("p", {}, say(key)), command(line)]);
  return [...ways, element("p", { class: "aside" }, say("serve.folder_is"))];
}
