// The page: which view is shown, in which language and colours, and the key where one is asked for.
import { explained, hasKey, useKey } from "./api.js";
import { byId, element } from "./elements.js";
import { reportView } from "./report_view.js";
import { runsView } from "./runs_view.js";
import { chooseLanguage, firstLanguage, language, say, speak } from "./texts.js";
import { tryView } from "./try_view.js";

const views = { try: tryView(), runs: runsView(tell), report: reportView() };
let shown = null;
let keyNeeded = false;

function tell(problem) {
  const said = problem === null || keyNeeded ? [] : [element("p", { class: "wrong" }, problem)];
  byId("problem").replaceChildren(...said);
}

function wanted() {
  const name = window.location.hash.slice(1);
  return name in views ? name : (shown ?? "try");
}

async function showView() {
  const name = wanted();
  if (shown !== null && shown !== name) views[shown].hide();
  shown = name;
  for (const one of Object.keys(views)) byId(`view-${one}`).hidden = keyNeeded || one !== name;
  byId("key-form").hidden = !keyNeeded;
  for (const link of document.querySelectorAll(".views a")) {
    if (link.hash === `#${name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = `${say(`serve.${name}`)} – hoiquy`;
  if (keyNeeded) return;
  try {
    await views[name].show();
    tell(null);
  } catch (problem) {
    tell(explained(problem));
    if (problem.code === "no_answer" || problem.code === "busy") window.setTimeout(() => shown === name && showView(), 3000);
  }
}

function askForKey() {
  byId("key-wrong").hidden = !hasKey();
  if (keyNeeded) return;
  keyNeeded = true;
  showView();
  byId("key").focus();
}

function showLanguage() {
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === language()));
  }
  document.title = `${say(`serve.${wanted()}`)} – hoiquy`;
  for (const view of Object.values(views)) view.dress();
}

function showTheme() {
  for (const button of document.querySelectorAll("[data-theme-is]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeIs === window.hoiquyTheme.current()));
  }
}

for (const button of document.querySelectorAll("[data-language]")) {
  button.addEventListener("click", () => chooseLanguage(button.dataset.language));
}
for (const button of document.querySelectorAll("[data-theme-is]")) {
  button.addEventListener("click", () => window.hoiquyTheme.choose(button.dataset.themeIs));
}
byId("key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  useKey(byId("key").value);
  byId("key").value = "";
  keyNeeded = false;
  showView();
});
document.addEventListener("keyneeded", askForKey);
document.addEventListener("textschange", showLanguage);
document.addEventListener("themechange", showTheme);
window.addEventListener("hashchange", showView);

await speak(firstLanguage());
showTheme();
byId("page").hidden = false;
await showView();
