// Elements made of data. A child is an element or text, and text stays text: nothing here reads HTML.
const SVG = "http://www.w3.org/2000/svg";

function filled(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

// element("button", {type: "button", click: act}, "Play"): a function among the attributes listens.
export function element(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

export function drawn(name, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

export function byId(id) {
  return document.getElementById(id);
}

// The line that stands for a run or a class, in its colour and its dashes.
export function swatch(className) {
  return drawn(
    "svg",
    { class: `swatch ${className}`, viewBox: "0 0 28 10", width: 28, height: 10, "aria-hidden": "true", focusable: "false" },
    drawn("line", { x1: 0, x2: 28, y1: 5, y2: 5 }),
  );
}
