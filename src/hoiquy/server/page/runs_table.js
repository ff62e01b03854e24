// The table of all runs; ticking a run chooses it. Rows stay the same elements while they change, so
// that the keyboard keeps its place.
import { element } from "./elements.js";
import { scrollBox } from "./scroll_box.js";
import { dataName, number, say } from "./texts.js";

const COLUMNS = [
  ["serve.run", ""],
  ["serve.test_accuracy", "number"], // within a phone's width
  ["serve.status", ""],
  ["serve.epochs", "number"],
  ["serve.val_accuracy", "number"],
  ["serve.data", ""],
];

function share(value) {
  return value === null || value === undefined ? "–" : number(value, "percent2");
}

function under(said) {
  return element("span", { class: "under" }, said);
}

function epochs({ epochs_done: done, epochs: planned, members }) {
  if (members !== null) return "–"; // an ensemble
  return planned === null ? String(done) : say("serve.epochs_done", { done, epochs: planned });
}

function testCell(run) {
  const interval = run.test_interval;
  const ends = interval && under(say("serve.interval", { low: interval[0], high: interval[1] }));
  return element("td", { class: "number" }, share(run.test_accuracy), ends);
}

function cells(run) {
  const status = element("span", { class: `status ${run.status}` }, say(`serve.status_${run.status}`));
  return [
    testCell(run),
    element("td", {}, status, run.problem ? under(run.problem) : null),
    element("td", { class: "number" }, epochs(run)),
    element("td", { class: "number" }, share(run.val_accuracy)),
    element("td", {}, element("bdi", {}, run.data === null ? "–" : dataName(run.data)), run.seed === null ? null : under(say("page.seed", { seed: run.seed }))),
  ];
}

// {dress(), show(runs, chosen, most)}; onChoose(name, isChosen) hears the reader. `chosen` maps the
// names of runs to their colours; no more than `most` can be chosen.
export function runsTable(root, onChoose) {
  const rows = new Map(); // by the run's name: {row, box, head, said}
  const head = element("thead");
  const body = element("tbody");
  const caption = element("caption", { id: "runs-caption" });
  root.replaceChildren(scrollBox(caption.id, element("table", { class: "runs-table" }, caption, head, body)));

  function dress() {
    caption.replaceChildren(element("span", {}, say("serve.runs_caption")));
    const titles = COLUMNS.map(([key, kind]) => element("th", { scope: "col", class: kind }, say(key)));
    head.replaceChildren(element("tr", {}, ...titles));
    for (const row of rows.values()) row.said = null; // in the other language
  }

  function made(run) {
    const box = element("input", { type: "checkbox", change: () => onChoose(run.name, box.checked) });
    const recipe = element("bdi", { class: "under" });
    const label = element("label", {}, box, element("span", {}, element("bdi", {}, run.name), recipe));
    const title = element("th", { scope: "row" }, label);
    return { row: element("tr", {}, title), box, recipe, said: null };
  }

  function fill(one, run) {
    const said = JSON.stringify(run);
    if (one.said === said) return;
    one.said = said;
    one.recipe.textContent = run.recipe === run.name ? "" : (run.recipe ?? "");
    while (one.row.children.length > 1) one.row.lastElementChild.remove(); // the box stays
    one.row.append(...cells(run));
  }

  // Only what is not in its place moves: an element that is moved loses the focus.
  function order(runs) {
    runs.forEach((run, at) => {
      const { row } = rows.get(run.name);
      if (body.children[at] !== row) body.insertBefore(row, body.children[at] ?? null);
    });
    while (body.children.length > runs.length) body.lastElementChild.remove();
  }

  function show(runs, chosen, most) {
    const names = new Set(runs.map((run) => run.name));
    for (const name of [...rows.keys()]) if (!names.has(name)) rows.delete(name);
    for (const run of runs) {
      if (!rows.has(run.name)) rows.set(run.name, made(run));
      const one = rows.get(run.name);
      fill(one, run);
      one.box.checked = chosen.has(run.name);
      one.box.disabled = !one.box.checked && chosen.size >= most;
      one.row.className = chosen.has(run.name) ? `chosen run-${chosen.get(run.name)}` : "";
    }
    order(runs);
  }

  return { dress, show };
}
