// Examples to begin with: texts of the chosen model's own data.
import { ask } from "./api.js";
import { element } from "./elements.js";
import { say } from "./texts.js";

const WORDS = 5; // of a text on its button
const CHARACTERS = 34;

// A short first sentence, or the first words, or of a language without spaces the first characters.
function beginning(text) {
  const sentence = text.trim().match(/^[^.!?]+(?=[.!?]\s)/)?.[0] ?? "";
  if (sentence !== "" && sentence.length <= CHARACTERS) return `${sentence}…`;
  const words = text.trim().split(/\s+/);
  const first = words.slice(0, WORDS).join(" ");
  if (first.length > CHARACTERS) return `${[...first].slice(0, CHARACTERS).join("").trim()}…`;
  return words.length > WORDS ? `${first}…` : first;
}

function labelled({ labels, correct }) {
  if (labels === null) return [];
  const names = labels.length > 0 ? labels.join(", ") : say("serve.no_label");
  return [" ", element("span", { class: "example-label" }, correct ? names : say("serve.example_wrong", { label: names }))];
}

// {show(model)} shows the examples of a model, {dress()} in the language chosen; onChoose hears a text.
export function exampleButtons(box, onChoose) {
  const known = new Map(); // by the model's name and result
  let shown = [];
  let wanted = null;

  function dress() {
    const buttons = shown.map((one) =>
      element("button", { type: "button", title: one.text, click: () => onChoose(one.text) }, element("bdi", {}, beginning(one.text)), ...labelled(one)),
    );
    box.replaceChildren(box.firstElementChild, ...buttons);
    box.hidden = buttons.length === 0;
  }

  async function show(model) {
    const key = JSON.stringify(model ?? null);
    if (key === wanted) return;
    wanted = key;
    if (model && !known.has(key)) {
      const given = await ask(`api/examples?model=${encodeURIComponent(model.name)}`).catch(() => ({ examples: [] }));
      known.set(key, given.examples);
    }
    if (key !== wanted) return;
    shown = known.get(key) ?? [];
    dress();
  }

  return { show, dress };
}
