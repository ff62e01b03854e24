// What the page says, in the language chosen: templates of the project's catalogue, by key.
const KEY = "hoiquy-language";
const LANGUAGES = ["vi", "en"];

const loaded = new Map(); // templates of each language that was shown
let lang = null;

function stored() {
  try {
    return window.localStorage.getItem(KEY);
  } catch {
    return null; // a browser may forbid storage: the choice then holds until the page is closed
  }
}

function remember(language) {
  try {
    window.localStorage.setItem(KEY, language);
  } catch {
    // as above
  }
}

// What was chosen here before, or else the first language of the browser that the page speaks.
export function firstLanguage() {
  const wanted = [stored(), ...navigator.languages.map((one) => one.slice(0, 2).toLowerCase())];
  return wanted.find((one) => LANGUAGES.includes(one)) ?? "en";
}

export function language() {
  return lang;
}

// Load a language, say everything that stands in the page in it, and tell the views by "textschange".
export async function speak(next) {
  if (!loaded.has(next)) {
    const answer = await fetch(`assets/texts/${next}.json`);
    if (!answer.ok) throw new Error(`no texts: ${answer.status}`);
    loaded.set(next, await answer.json());
  }
  lang = next;
  document.documentElement.lang = lang;
  fill("data-text", (element, said) => { element.textContent = said; });
  fill("data-label", (element, said) => element.setAttribute("aria-label", said));
  fill("data-placeholder", (element, said) => element.setAttribute("placeholder", said));
  document.dispatchEvent(new CustomEvent("textschange"));
}

export async function chooseLanguage(next) {
  remember(next);
  await speak(next);
}

function fill(attribute, set) {
  for (const element of document.querySelectorAll(`[${attribute}]`)) set(element, say(element.getAttribute(attribute)));
}

export function has(key) {
  return key in loaded.get(lang);
}

// The text of a key with its placeholders filled; `{share:percent1}` names how a number is written.
export function say(key, values = {}) {
  const template = loaded.get(lang)[key];
  if (template === undefined) throw new Error(`no text ${key}`);
  return template.replace(/\{(\w+)(?::(\w+))?\}/g, (_, name, style) =>
    style ? number(values[name], style) : String(values[name]),
  );
}

// As format_number of hoiquy.messages: integer, decimalN, percentN and pointsN of fractions. The decimal
// string keeps the exact value of the float, so ties are rounded to even as in Python.
export function number(value, style, signed = false) {
  const [, name, digits] = style.match(/^([a-z]+)(\d*)$/);
  const share = name === "percent" || name === "points";
  const decimals = share && (value === 0 || value === 1) ? 0 : Number(digits);
  const written = new Intl.NumberFormat(lang, {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
    signDisplay: signed ? "exceptZero" : "negative",
    roundingMode: "halfEven",
  }).format(Number(share ? 100 * value : value).toFixed(20));
  const typeset = written.replace("-", "−");
  return name === "percent" ? `${typeset}%` : typeset;
}

// A table of one's own is known by its file's name; where it lies on the server is too long to read.
export function dataName(data) {
  return data.split("/").at(-1);
}
