// The view that leads to the report of all runs, which is a page of its own.
import { explained, hasKey, request } from "./api.js";
import { byId, element } from "./elements.js";
import { language, say } from "./texts.js";

export function reportView() {
  function address() {
    return `/report?lang=${language()}`;
  }

  async function save() {
    const problem = byId("report-problem");
    problem.replaceChildren(element("p", { class: "aside" }, say("serve.report_building")));
    try {
      const file = await (await request(address())).blob();
      const link = element("a", { href: URL.createObjectURL(file), download: "report.html" });
      link.click();
      window.setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
      problem.replaceChildren();
    } catch (error) {
      problem.replaceChildren(element("p", { class: "wrong" }, explained(error)));
    }
  }

  function dress() {
    const open = element("a", { class: "main-button", href: address() }, say("serve.report_open"));
    const saved = element("button", { type: "button", click: save }, say("serve.report_save"));
    // A link cannot carry the key.
    byId("report-actions").replaceChildren(...(hasKey() ? [saved] : [open, saved]));
  }

  return { show: async () => dress(), hide: () => {}, dress };
}
