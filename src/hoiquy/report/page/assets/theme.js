// Light or dark, decided before anything is drawn: what the reader chose, or else the system.
(function () {
  "use strict";
  const KEY = "hoiquy-theme";
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const root = document.documentElement;

  function stored() {
    try {
      return window.localStorage.getItem(KEY);
    } catch {
      return null; // a page from disk may have no storage
    }
  }

  function remember(theme) {
    try {
      if (theme === null) window.localStorage.removeItem(KEY);
      else window.localStorage.setItem(KEY, theme);
    } catch {
      // the choice holds until the page is closed
    }
  }

  function ofSystem() {
    return system.matches ? "dark" : "light";
  }

  let theme = null;

  function apply(next) {
    theme = next;
    root.dataset.theme = theme;
    document.dispatchEvent(new CustomEvent("themechange"));
  }

  let chosen = stored();
  apply(chosen === "dark" || chosen === "light" ? chosen : ofSystem());

  system.addEventListener("change", () => {
    if (chosen === null) apply(ofSystem());
  });

  window.hoiquyTheme = {
    current: () => theme,
    // Choosing the system's theme follows the system again.
    choose: (next) => {
      chosen = next === ofSystem() ? null : next;
      remember(chosen);
      apply(next);
    },
    // Paper is light, whatever the screen is.
    print: (begins) => {
      root.dataset.theme = begins ? "light" : theme;
    },
  };
})();
