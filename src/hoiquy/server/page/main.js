// The page: which view is shown, in which language and colours, and the key where one is asked for.
import { explained, hasKey, useKey } from "./api.js";
import { byId, element } from "./elements.js";
import { reportView } from "./report_view.js";
import { runsView } from "./runs_view.js";
import { chooseLanguage, firstLanguage, language, say, speak } from "./texts.js";
import { tryView } from "./try_view.js";

const AFTER_PROBLEM = 3000; // milliseconds

// A view looks at the server by look(), which tells in how many milliseconds to look again, or null;
// and dress() says all that it shows in the language chosen.
const views = { try: tryView(), runs: runsView(() => look()), report: reportView() };
let shown = null; // the name of the view that is open
let keyNeeded = false;
let timer = null; // of the next look

function tell(problem) {
  const said = problem === null || keyNeeded ? [] : [element("p", { class: "wrong" }, problem)];
  byId("problem").replaceChildren(...said);
}

function wanted() {
  const name = window.location.hash.slice(1);
  return Object.hasOwn(views, name) ? name : (shown ?? "try");
}

async function look() {
  window.clearTimeout(timer);
  const name = shown;
  const [wait, problem] = await views[name].look().then(
    (milliseconds) => [milliseconds, null],
    (error) => [AFTER_PROBLEM, explained(error)],
  );
  if (name !== shown) return;
  tell(problem);
  window.clearTimeout(timer); // of another look that began meanwhile
  if (wait !== null && !keyNeeded && !document.hidden) timer = window.setTimeout(look, wait);
}

function showView() {
  shown = wanted();
  for (const name of Object.keys(views)) byId(`view-${name}`).hidden = keyNeeded || name !== shown;
  byId("key-form").hidden = !keyNeeded;
  for (const link of document.querySelectorAll(".views a")) {
    if (link.hash === `#${shown}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  showTitle();
  if (!keyNeeded) look();
}

function showTitle() {
  document.title = `${say(`serve.${wanted()}`)} – hoiquy`;
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
  showTitle();
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
  if (!/^[\x21-\x7e]+$/.test(byId("key").value)) {
    byId("key-wrong").hidden = false; // no header can hold it
    return;
  }
  useKey(byId("key").value);
  byId("key").value = "";
  keyNeeded = false;
  showView();
});
document.addEventListener("keyneeded", askForKey);
document.addEventListener("textschange", showLanguage);
document.addEventListener("themechange", showTheme);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && !keyNeeded) look();
});
window.addEventListener("hashchange", showView);

await speak(firstLanguage());
showTheme();
byId("page").hidden = false;
showView();
