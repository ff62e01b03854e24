// The page: which language is shown, the theme's buttons, and when the curves are drawn.
(function () {
  "use strict";
  const data = JSON.parse(document.getElementById("curves-data").textContent);
  const reports = [...document.querySelectorAll(".report")];
  const figures = new Map(); // of each language that has been shown
  let printing = false;

  function shown() {
    return reports.find((report) => !report.hidden);
  }

  function figuresOf(report) {
    if (!figures.has(report)) {
      const roots = [...report.querySelectorAll("[data-curves]")];
      figures.set(report, roots.map((root) => window.hoiquyCurves.figure(root, data, report.lang)));
    }
    return figures.get(report);
  }

  // The width on paper is fixed, independent of the window.
  function paper() {
    const width = window.getComputedStyle(document.documentElement).getPropertyValue("--paper-plot-width");
    const height = window.getComputedStyle(document.documentElement).getPropertyValue("--paper-plot-height");
    return { width: parseFloat(width), height: parseFloat(height) };
  }

  function draw() {
    setTabStops();
    for (const figure of figuresOf(shown())) figure.draw(printing ? paper() : undefined);
  }

  // The element of the other language at the reader's position.
  function placeOf(report) {
    const sections = [...report.querySelectorAll("section[id]")];
    return sections.findLast((section) => section.getBoundingClientRect().top < window.innerHeight / 3);
  }

  function showLanguage(lang) {
    const before = shown();
    const after = document.getElementById(lang);
    if (before === after) return;
    const place = placeOf(before);
    const offset = place?.getBoundingClientRect().top;
    before.hidden = true;
    after.hidden = false;
    document.documentElement.lang = lang;
    document.title = after.dataset.title;
    draw();
    if (place) {
      const same = document.getElementById(place.id.replace(before.id, lang));
      window.scrollBy({ top: same.getBoundingClientRect().top - offset, behavior: "instant" });
    }
    after.querySelector(`[data-language="${lang}"]`).focus({ preventScroll: true });
  }

  function showTheme() {
    const current = window.hoiquyTheme.current();
    for (const button of document.querySelectorAll("[data-theme-is]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeIs === current));
    }
  }

  // Only tables that scroll sideways take the keyboard focus.
  function setTabStops() {
    for (const box of shown().querySelectorAll('.scroll, pre[role="region"]')) {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  }

  function print(begins) {
    if (printing === begins) return;
    printing = begins;
    window.hoiquyTheme.print(begins);
    document.documentElement.toggleAttribute("data-printing", begins);
    draw();
  }

  for (const button of document.querySelectorAll("[data-language]")) {
    button.addEventListener("click", () => showLanguage(button.dataset.language));
  }
  for (const button of document.querySelectorAll("[data-theme-is]")) {
    button.addEventListener("click", () => window.hoiquyTheme.choose(button.dataset.themeIs));
  }
  document.addEventListener("themechange", () => {
    showTheme();
    draw();
  });
  window.addEventListener("resize", setTabStops);
  for (const details of document.querySelectorAll("details")) {
    details.addEventListener("toggle", setTabStops);
  }
  window.addEventListener("beforeprint", () => print(true));
  window.addEventListener("afterprint", () => print(false));
  window.matchMedia("print").addEventListener("change", (event) => print(event.matches));

  document.documentElement.classList.add("with-script");
  showTheme();
  draw();
})();
