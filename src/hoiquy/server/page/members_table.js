// The members of an ensemble, which has no curves.
import { element } from "./elements.js";
import { scrollBox } from "./scroll_box.js";
import { number, say } from "./texts.js";

function row({ name, kind, weight, models }) {
  const said = kind === "linear" ? say("serve.linear") : element("bdi", {}, name);
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, said),
    element("td", { class: "number" }, number(weight, "decimal2")),
    element("td", { class: "number" }, number(models, "integer")),
  );
}

// The table of a run; `at` makes the id of its caption unique.
export function membersTable(run, at) {
  const caption = element("caption", { id: `members-${at}` }, element("span", {}, say("serve.members_caption", { name: run.name })));
  const head = ["serve.member", "serve.weight", "serve.models"].map((key, column) =>
    element("th", { scope: "col", class: column > 0 ? "number" : "" }, say(key)),
  );
  const body = element("tbody", {}, ...run.members.map(row));
  return scrollBox(caption.id, element("table", {}, caption, element("thead", {}, element("tr", {}, ...head)), body));
}
