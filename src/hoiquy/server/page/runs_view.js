// The view of all runs: those that are trained now are followed, two that are chosen are compared.
import { ask, explained } from "./api.js";
import { byId, element } from "./elements.js";
import { waysOn } from "./empty_state.js";
import { membersTable } from "./members_table.js";
import { runCurves } from "./run_curves.js";
import { runsTable } from "./runs_table.js";
import { language, say } from "./texts.js";
import { verdict } from "./verdict.js";

const WHILE_TRAINING = 1000; // milliseconds between two looks
const WHILE_QUIET = 4000;
const FINISHED = ["complete", "untested"];
const MOST = 6; // runs chosen at once: there are six colours

function hasSomething(run) {
  return run.epochs_done > 0 || run.members !== null;
}

// lookAgain() has the page look at once, and not only when it is time.
export function runsView(lookAgain) {
  const histories = new Map(); // by the run's name
  const chosen = new Map(); // names of runs to colours, in the order in which they were chosen
  let runs = [];
  let touched = false; // by the reader; until then the page chooses
  let compared = null; // which pair is shown or being asked about, in which language

  const table = runsTable(byId("runs-table"), choose);
  const curves = runCurves(byId("curves-figure"));

  function choose(name, isChosen) {
    touched = true;
    if (isChosen) add(name);
    else chosen.delete(name);
    showAll();
    lookAgain();
  }

  function add(name) {
    const taken = [...chosen.values()];
    const colour = Array.from({ length: MOST }, (_, at) => at + 1).find((one) => !taken.includes(one));
    chosen.set(name, colour);
  }

  // What is trained now, or else the first run that has something to show.
  function chooseForTheReader() {
    const training = runs.filter((run) => run.status === "training").slice(0, MOST);
    const shown = training.length > 0 ? training : runs.filter(hasSomething).slice(0, 1);
    if (training.length === 0 && chosen.size > 0) return; // what was followed stays when it is done
    for (const name of [...chosen.keys()]) if (!shown.some((run) => run.name === name)) chosen.delete(name);
    for (const run of shown) if (!chosen.has(run.name)) add(run.name);
  }

  async function loadHistories() {
    const wanted = runs.filter((run) => chosen.has(run.name) && histories.get(run.name)?.stamp !== stampOf(run));
    const given = await Promise.all(wanted.map((run) => ask(`api/runs/history?name=${encodeURIComponent(run.name)}`)));
    wanted.forEach((run, at) => {
      const stamp = run.status === "training" ? null : stampOf(run);
      histories.set(run.name, { stamp, history: given[at].history });
    });
  }

  function stampOf(run) {
    return `${run.status} ${run.epochs_done}`;
  }

  async function refresh() {
    runs = (await ask("api/runs")).runs;
    for (const name of [...chosen.keys()]) if (!runs.some((run) => run.name === name)) chosen.delete(name);
    if (!touched) chooseForTheReader();
    await loadHistories();
  }

  function showAll() {
    byId("no-run").hidden = runs.length > 0;
    byId("runs").hidden = runs.length === 0;
    table.show(runs, chosen, MOST);
    const ensembles = runs.filter((run) => chosen.has(run.name) && run.members !== null);
    const withCurves = [...chosen].filter(([name]) => !ensembles.some((run) => run.name === name));
    const drawn = withCurves.map(([name, colour]) => {
      const run = runs.find((one) => one.name === name);
      const history = histories.get(name)?.history ?? [];
      return { name, colour, history, epochs: run.status === "training" ? run.epochs : history.length };
    });
    byId("members").replaceChildren(...ensembles.map((run, at) => membersTable(run, at)));
    byId("ensembles").hidden = ensembles.length === 0;
    byId("curves").hidden = ensembles.length > 0 && drawn.length === 0;
    byId("curves-none").hidden = drawn.some((run) => run.history.length > 0);
    curves.show(drawn);
    compare();
  }

  async function compare() {
    const pair = [...chosen.keys()].map((name) => runs.find((run) => run.name === name));
    const key = JSON.stringify([language(), pair.map((run) => [run.name, stampOf(run)])]);
    if (compared === key) return;
    compared = key;
    byId("comparison").hidden = pair.length !== 2;
    if (pair.length !== 2) return;
    const tell = (...said) => byId("verdict").replaceChildren(...said);
    const finished = pair.every((run) => FINISHED.includes(run.status));
    tell(element("p", { class: "aside" }, say(finished ? "serve.comparing" : "serve.compare_finished")));
    if (!finished) return;
    const [first, second] = pair.map((run) => encodeURIComponent(run.name));
    const said = await ask(`api/compare?a=${first}&b=${second}&lang=${language()}`).then(
      (comparison) => verdict(comparison, [...chosen.values()]),
      (problem) => [element("p", {}, explained(problem))],
    );
    if (compared === key) tell(...said);
  }

  async function look() {
    await refresh();
    showAll();
    return runs.some((run) => run.status === "training") ? WHILE_TRAINING : WHILE_QUIET;
  }

  document.addEventListener("themechange", curves.redraw);

  return {
    look,
    dress: () => {
      table.dress();
      if (runs.length > 0) showAll();
      else byId("no-run-ways").replaceChildren(...waysOn([]));
    },
  };
}
