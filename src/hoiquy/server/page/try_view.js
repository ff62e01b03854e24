// The view in which a review is read: what to read, by which networks, and their readings.
import { ask, askPatiently, explained } from "./api.js";
import { byId, element } from "./elements.js";
import { notOffered, waysOn } from "./empty_state.js";
import { exampleButtons } from "./example_buttons.js";
import { modelChoice } from "./model_choice.js";
import { player } from "./player.js";
import { reading } from "./reading.js";
import { language, say } from "./texts.js";
import { beginnings, colouredClasses } from "./trace.js";

const WITHOUT_MODEL = 3000; // milliseconds until the page looks for models again
const WITH_MODELS = 20_000;
const WHILE_LOADING = 1000;

export function tryView() {
  const form = byId("try-form");
  const review = byId("review");
  const choice = modelChoice([byId("model-1"), byId("model-2")], byId("second-choice"), byId("other-data"));
  const examples = exampleButtons(byId("examples"), (text) => {
    review.value = text;
    read();
  });
  const submit = form.querySelector("button[type=submit]");
  let models = [];
  let loading = false; // whether the server still reads its folder
  let runs = [];
  let readings = [];
  let traces = []; // [{trace, model}]
  let begins = []; // at which step of the player each reading begins
  let asked = 0; // of several questions only the last one is answered

  const play = player(byId("player"), {
    show: (step) => readings.forEach((one, at) => one.show(placeIn(at, step))),
    ended: tellAnswers,
    said: (step) => readings.map((one, at) => one.said(placeIn(at, step))).join("; "),
  });

  function placeIn(at, step) {
    return Math.min(Math.max(step - begins[at], 0), readings[at].words);
  }

  function tellAnswers() {
    const said = readings.map((one, at) => `${traces[at].model.name}: ${one.said(one.words)}`);
    byId("try-answer").textContent = said.join("; ");
  }

  async function look() {
    const answer = await ask("api/models");
    const found = answer.models;
    loading = answer.loading;
    runs = (await ask("api/runs")).runs;
    const changed = JSON.stringify(found) !== JSON.stringify(models);
    models = found;
    if (changed) choice.show(models); // a list that is open would close
    form.hidden = models.length === 0;
    showEmpty();
    showNotOffered();
    await examples.show(choice.chosen()[0]);
    if (loading) return WHILE_LOADING;
    return models.length === 0 ? WITHOUT_MODEL : WITH_MODELS;
  }

  function showEmpty() {
    const before = byId("no-model").dataset.shown;
    const now = JSON.stringify([language(), runs.map(({ name, status }) => [name, status])]);
    byId("loading").hidden = models.length > 0 || !loading;
    byId("no-model").hidden = models.length > 0 || loading;
    if (models.length > 0 || before === now) return; // what is selected to be copied stays selected
    byId("no-model").dataset.shown = now;
    byId("no-model-ways").replaceChildren(...waysOn(runs));
  }

  function showNotOffered() {
    const shown = models.length > 0 ? notOffered(runs, models) : [];
    byId("not-offered").hidden = shown.length === 0;
    byId("not-offered").replaceChildren(...shown);
  }

  function complain(said) {
    byId("try-problem").replaceChildren(said === null ? "" : element("p", { class: "wrong" }, said));
  }

  async function read() {
    asked += 1;
    const question = asked;
    const text = review.value;
    const readers = choice.chosen();
    complain(null);
    form.setAttribute("aria-busy", "true");
    submit.classList.add("busy");
    try {
      const wait = (seconds) => complain(say("serve.waiting", { seconds }));
      const given = await Promise.all(readers.map(({ name }) => askPatiently("api/explain", { text, model: name }, wait)));
      if (question !== asked) return;
      complain(null);
      traces = given.map((trace, at) => ({ trace, model: readers[at] }));
      showReadings();
      byId("reading").scrollIntoView();
      play.open(Math.max(...readings.map((one) => one.words)));
    } catch (problem) {
      if (question === asked) complain(explained(problem));
    } finally {
      if (question === asked) {
        form.removeAttribute("aria-busy");
        submit.classList.remove("busy");
      }
    }
  }

  function showReadings() {
    begins = beginnings(traces.map((one) => one.trace));
    const classes = colouredClasses(traces.map((one) => one.trace));
    readings = traces.map(({ trace, model }, at) => reading(trace, model, classes[at], (step) => play.go(step + begins[at])));
    byId("readings").replaceChildren(...readings.map((one) => one.element));
    byId("readings").classList.toggle("two", readings.length === 2);
    byId("reading").hidden = readings.length === 0;
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    read();
  });
  review.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  choice.onChange(() => {
    examples.show(choice.chosen()[0]);
    if (readings.length > 0 && review.value.trim() !== "") read();
  });

  return {
    look,
    dress: () => {
      examples.dress();
      choice.show();
      showEmpty();
      showNotOffered();
      showReadings();
      play.dress();
    },
  };
}
