// The two lists of models. Models of other data are in groups of their own, and a word says so.
import { element } from "./elements.js";
import { dataName, number, say } from "./texts.js";

const NONE = "";

function option(model) {
  const accuracy = model.test_accuracy === null ? "" : ` (${number(model.test_accuracy, "percent1")})`;
  return element("option", { value: model.name }, `${model.name}${accuracy}`);
}

// [[fingerprint, models]] in the order in which data are first met.
function byData(models) {
  return [...Map.groupBy(models, (model) => model.data_fingerprint)];
}

// What data are called: by their file's name, and where two have the same one also by their number.
function dataNames(models) {
  const names = new Map();
  for (const [fingerprint, [first]] of byData(models)) {
    const alike = [...names.values()].filter((name) => name.plain === dataName(first.data)).length;
    const plain = dataName(first.data);
    names.set(fingerprint, { plain, said: alike > 0 ? `${plain} (${alike + 1})` : plain });
  }
  return new Map([...names].map(([fingerprint, { said }]) => [fingerprint, said]));
}

function sameClasses(first, second) {
  return JSON.stringify(first.classes.toSorted()) === JSON.stringify(second.classes.toSorted());
}

// {show(models), chosen(), onChange(act)} of two lists; `note` takes what is to be said of them.
export function modelChoice([first, second], secondBox, note) {
  let models = [];

  const find = (name) => models.find((model) => model.name === name);
  const chosen = () => [...new Set([first.value, second.value])].map(find).filter(Boolean);

  function groups(label, names, some) {
    return byData(some).map(([fingerprint, own]) =>
      element("optgroup", { label: say(label(fingerprint), { data: names.get(fingerprint) }) }, ...own.map(option)),
    );
  }

  function fillFirst(names) {
    const kept = first.value;
    const standard = models.find((model) => model.default) ?? models[0];
    const listed = names.size > 1 ? groups(() => "serve.trained_on", names, models) : models.map(option);
    first.replaceChildren(...listed);
    first.value = find(kept) ? kept : (standard?.name ?? NONE);
  }

  // Those of the first one's data come first.
  function fillSecond(names) {
    const kept = second.value;
    const own = find(first.value)?.data_fingerprint;
    const near = models.filter((model) => model.data_fingerprint === own);
    const far = models.filter((model) => model.data_fingerprint !== own);
    const label = (fingerprint) => (fingerprint === own ? "serve.same_data" : "serve.other_data");
    const listed = names.size > 1 ? groups(label, names, [...near, ...far]) : models.map(option);
    second.replaceChildren(element("option", { value: NONE }, say("serve.no_second")), ...listed);
    second.value = find(kept) ? kept : NONE;
    secondBox.hidden = models.length < 2;
  }

  function tell(names) {
    const [one, other] = chosen();
    const differ = other && one.data_fingerprint !== other.data_fingerprint;
    note.hidden = !differ;
    if (!differ) return note.replaceChildren();
    const of = (model) => names.get(model.data_fingerprint);
    const key = sameClasses(one, other) ? "serve.data_differ" : "serve.classes_differ";
    note.textContent = say(key, { first: one.name, data: of(one), other_name: other.name, other: of(other) });
  }

  function show(given = models) {
    models = given;
    const names = dataNames(models);
    fillFirst(names);
    fillSecond(names);
    tell(names);
  }

  function onChange(act) {
    for (const select of [first, second]) {
      select.addEventListener("change", () => {
        show();
        act();
      });
    }
  }

  return { show, chosen, onChange };
}
