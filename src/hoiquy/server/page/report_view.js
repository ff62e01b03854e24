// The view that leads to the report of all runs, which is a page of its own.
import { ask, explained, hasKey, request } from "./api.js";
import { byId, element } from "./elements.js";
import { language, say } from "./texts.js";

export function reportView() {
  function address() {
    return `report?lang=${language()}`;
  }

  async function meanwhile(act) {
    const problem = byId("report-problem");
    problem.replaceChildren(element("p", { class: "aside" }, say("serve.report_building")));
    try {
      await act();
      problem.replaceChildren();
    } catch (error) {
      problem.replaceChildren(element("p", { class: "wrong" }, explained(error)));
    }
  }

  // A link cannot carry the key: a ticket in the address stands for it for a while.
  function open(event) {
    if (!hasKey()) return;
    event.preventDefault();
    meanwhile(async () => {
      const { ticket } = await ask("api/ticket", {});
      window.open(`${address()}&ticket=${encodeURIComponent(ticket)}`, "_blank", "noopener");
    });
  }

  function save() {
    return meanwhile(async () => {
      const file = await (await request(address())).blob();
      const link = element("a", { href: URL.createObjectURL(file), download: "report.html" });
      link.click();
      window.setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    });
  }

  function dress() {
    byId("report-actions").replaceChildren(
      element("a", { class: "main-button", href: address(), target: "_blank", click: open }, say("serve.report_open")),
      element("button", { type: "button", click: save }, say("serve.report_save")),
    );
  }

  return { look: async () => null, dress };
}
