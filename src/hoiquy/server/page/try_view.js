// The view in which a review is read: what to read, by which networks, and their readings.
import { ask, askPatiently, explained } from "./api.js";
import { byId, element } from "./elements.js";
import { EXAMPLES } from "./examples.js";
import { player } from "./player.js";
import { reading } from "./reading.js";
import { number, say } from "./texts.js";
import { beginnings } from "./trace.js";

const WITHOUT_MODEL = 3000; // milliseconds until the page looks for models again
const WITH_MODELS = 20_000;
const NONE = "";

export function tryView() {
  const form = byId("try-form");
  const review = byId("review");
  const selects = [byId("model-1"), byId("model-2")];
  const submit = form.querySelector("button[type=submit]");
  let models = [];
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

  function option(model) {
    const accuracy = model.test_accuracy === null ? "" : ` (${number(model.test_accuracy, "percent1")})`;
    return element("option", { value: model.name }, `${model.name}${accuracy}`);
  }

  function fillSelects() {
    const chosen = selects.map((select) => select.value);
    const names = models.map((model) => model.name);
    const standard = models.find((model) => model.default) ?? models[0];
    selects[0].replaceChildren(...models.map(option));
    selects[1].replaceChildren(element("option", { value: NONE }, say("serve.no_second")), ...models.map(option));
    selects[0].value = names.includes(chosen[0]) ? chosen[0] : (standard?.name ?? NONE);
    selects[1].value = names.includes(chosen[1]) ? chosen[1] : NONE;
    byId("second-choice").hidden = models.length < 2;
  }

  async function look() {
    const found = (await ask("api/models")).models;
    const changed = JSON.stringify(found) !== JSON.stringify(models);
    models = found;
    if (changed) fillSelects(); // a list that is open would close
    form.hidden = models.length === 0;
    byId("no-model").hidden = models.length > 0;
    return models.length === 0 ? WITHOUT_MODEL : WITH_MODELS;
  }

  function complain(said) {
    byId("try-problem").replaceChildren(said === null ? "" : element("p", { class: "wrong" }, said));
  }

  async function read() {
    asked += 1;
    const question = asked;
    const text = review.value;
    const names = selects.map((select) => select.value);
    const readers = [...new Set(names)].map((name) => models.find((model) => model.name === name)).filter(Boolean);
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
    readings = traces.map(({ trace, model }, at) => reading(trace, model, (step) => play.go(step + begins[at])));
    byId("readings").replaceChildren(...readings.map((one) => one.element));
    byId("readings").classList.toggle("two", readings.length === 2);
    byId("reading").hidden = readings.length === 0;
  }

  function dressExamples() {
    const box = form.querySelector(".examples");
    const buttons = EXAMPLES.map(({ lang, title, text }) => {
      const choose = () => {
        review.value = text;
        read();
      };
      return element("button", { type: "button", lang, click: choose }, title);
    });
    box.replaceChildren(box.firstElementChild, ...buttons);
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    read();
  });
  review.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  for (const select of selects) {
    select.addEventListener("change", () => {
      if (readings.length > 0 && review.value.trim() !== "") read();
    });
  }

  return {
    look,
    dress: () => {
      dressExamples();
      fillSelects();
      showReadings();
      play.dress();
    },
  };
}
