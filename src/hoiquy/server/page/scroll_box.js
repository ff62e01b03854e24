// A box around what may be wider than the page: a stop for the Tab key, but only while it scrolls.
import { element } from "./elements.js";

const observer = new ResizeObserver((entries) => {
  for (const box of new Set(entries.map((entry) => entry.target.closest(".scroll")))) {
    if (box === null) continue; // it has left the page
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
});

// labelledBy: the id of the content's caption or heading.
export function scrollBox(labelledBy, content) {
  const box = element("div", { class: "scroll", role: "region", "aria-labelledby": labelledBy }, content);
  observer.observe(box);
  observer.observe(content);
  return box;
}
