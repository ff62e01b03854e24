// The two panels of a figure, accuracy and loss, which share epoch, range and the runs shown;
// and the table below them, which is their legend and shows the values of the epoch.
//
// hoiquyCurves.figure(root, data, lang) -> {draw(printed), grow()}; data: {runs, texts}, as
// curve_data.py makes it, and epochs where the axis is to be longer than the curves. grow() shows what
// new epochs of running trainings.
(function () {
  "use strict";
  const LEAST_SPAN = { accuracy: 8, loss: 0.1 }; // percentage points; loss
  const SHAPES = ["train", "validation"];

  function seriesOf(measure, runs, texts, lang, thin) {
    const found = [];
    for (const run of runs) {
      for (const shape of SHAPES) {
        const key = shape === "train" ? measure : `val_${measure}`;
        found.push({ run, shape, values: run[key], colour: `--run-${run.colour}`, dashed: shape === "validation", thin });
      }
    }
    return found;
  }

  function testLine(run, epochs) {
    const values = Array.from({ length: epochs }, () => run.test);
    return { run, shape: "test", values, colour: `--run-${run.colour}`, dotted: true };
  }

  // Rounds as format_number of hoiquy.messages does.
  function fixed(decimals, lang) {
    return new Intl.NumberFormat(lang, {
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
      roundingMode: "halfEven",
    });
  }

  // An accuracy of exactly 0 or 100 is written without decimals.
  function percentage(value, format) {
    return `${value === 0 || value === 100 ? value : format.format(value)}%`;
  }

  function titleOf(run, texts, lang) {
    const seed = run.seed === null ? "" : `, ${texts.seed.replace("#", run.seed)}`;
    return `${run.label[lang]}${seed}`;
  }

  function figure(root, data, lang) {
    const texts = data.texts[lang];
    const numbers = root.dataset.curves.split(" ").map(Number);
    const runs = numbers.map((number) => data.runs[number]);
    const full = root.dataset.full === "true";
    const longest = () => Math.max(...runs.map((run) => run.accuracy.length));
    const epochs = data.epochs ?? longest(); // of the axis
    let last = longest();
    const thin = full ? runs.length > 5 : runs.length > 1;
    const part = (name) => root.querySelector(`[data-part="${name}"]`);
    const state = {
      off: new Set(), // runs, by their place here
      shapes: new Set(SHAPES),
      epoch: last,
      range: [1, epochs],
      zoomed: false,
    };
    const formats = { accuracy: fixed(2, lang), loss: fixed(3, lang) };
    let panels = [];

    function isShown(one) {
      return !state.off.has(runs.indexOf(one.run)) && (one.shape === "test" || state.shapes.has(one.shape));
    }

    function describe(measure, one, epoch) {
      const title = document.createElement("b");
      title.textContent = titleOf(one.run, texts, lang);
      const lines = [title, document.createTextNode(`${texts.epoch} ${epoch}`)];
      for (const shape of SHAPES) {
        const value = one.run[shape === "train" ? measure : `val_${measure}`][epoch - 1];
        if (value === null || value === undefined) continue;
        const format = formats[measure];
        const written = measure === "accuracy" ? percentage(value, format) : format.format(value);
        lines.push(document.createElement("br"), `${texts[shape]} ${written}`);
      }
      return lines;
    }

    function draw(printed) {
      for (const panel of panels) panel.handle.destroy();
      panels = [...root.querySelectorAll(".plot")].map((element) => {
        const measure = element.dataset.measure;
        const series = seriesOf(measure, runs, texts, lang, thin);
        if (measure === "accuracy" && !full) {
          for (const run of runs) if (run.test !== null) series.push(testLine(run, epochs));
        }
        for (const one of series) one.shown = isShown(one);
        const spec = {
          series,
          epochs,
          lang,
          leastSpan: LEAST_SPAN[measure],
          group: `${root.dataset.curves} ${lang} ${full}`,
          onEpoch: (epoch) => showEpoch(epoch, element),
          onRange: (low, high) => showRange(low, high, element),
          onNear: (at) => mark(at === null ? null : series[at].run),
          describe: (at, epoch) => describe(measure, series[at], epoch),
        };
        return { element, series, handle: window.hoiquyCharts.panel(element, spec, printed) };
      });
      if (state.zoomed) for (const panel of panels) panel.handle.range(...state.range);
    }

    // A reader at the last epoch stays at the last epoch.
    function grow() {
      const followed = state.epoch === last;
      last = longest();
      if (part("epoch")) part("epoch").max = last;
      draw();
      showEpoch(followed ? last : state.epoch, root); // the panels have no places for epochs yet
    }

    function mark(run) {
      for (const row of root.querySelectorAll("tr[data-run]")) {
        row.classList.toggle("near", run !== null && data.runs[row.dataset.run] === run);
      }
    }

    function showValues() {
      for (const row of root.querySelectorAll("tr[data-run]")) {
        const run = data.runs[row.dataset.run];
        row.classList.toggle("off", state.off.has(runs.indexOf(run)));
        for (const cell of row.querySelectorAll("[data-value]")) {
          const measure = cell.dataset.value.replace("val_", "");
          const value = run[cell.dataset.value][state.epoch - 1];
          cell.textContent = value === null || value === undefined ? "–" : formats[measure].format(value);
        }
      }
      if (part("epoch-caption")) part("epoch-caption").textContent = texts.atEpoch.replace("#", state.epoch);
    }

    function showEpoch(epoch, source) {
      state.epoch = epoch;
      if (part("epoch")) {
        part("epoch").value = epoch;
        part("epoch-shown").textContent = epoch;
      }
      showValues();
      for (const panel of panels) if (source === null) panel.handle.epoch(epoch);
    }

    function showRange(low, high, source) {
      state.range = [low, high];
      state.zoomed = low > 1 || high < epochs;
      for (const panel of panels) if (panel.element !== source) panel.handle.range(low, high);
      showButtons();
    }

    function showButtons() {
      const [low, high] = state.range;
      if (part("in")) {
        part("in").disabled = high - low <= 1;
        part("out").disabled = !state.zoomed;
        part("earlier").disabled = low <= 1;
        part("later").disabled = high >= epochs;
        part("reset").disabled = !state.zoomed;
      } else if (part("reset")) {
        part("reset").hidden = !state.zoomed;
      }
    }

    // Zoom around the epoch chosen, within the epochs there are and never to less than one step.
    function zoom(factor) {
      const span = Math.min(Math.max((state.range[1] - state.range[0]) * factor, 1), epochs - 1);
      const low = Math.min(Math.max(state.epoch - span / 2, 1), epochs - span);
      showRange(low, low + span, null);
    }

    function move(direction) {
      const span = state.range[1] - state.range[0];
      const low = Math.min(Math.max(state.range[0] + (direction * span) / 2, 1), epochs - span);
      showRange(low, low + span, null);
    }

    function showSeries() {
      for (const panel of panels) {
        panel.series.forEach((one, at) => panel.handle.show(at, isShown(one)));
      }
      showValues();
    }

    function toggleRun(number, shown) {
      const place = numbers.indexOf(number);
      if (shown) state.off.delete(place);
      else state.off.add(place);
    }

    function boxes(selector) {
      return [...root.querySelectorAll(`input[data-part="${selector}"]`)];
    }

    function showGroups() {
      for (const box of boxes("group")) {
        const on = box.dataset.runs.split(" ").map(Number).map((number) => !state.off.has(numbers.indexOf(number)));
        box.checked = on.some(Boolean);
        box.indeterminate = on.some(Boolean) && !on.every(Boolean);
      }
    }

    function listen() {
      for (const box of boxes("run")) {
        box.addEventListener("change", () => {
          toggleRun(Number(box.dataset.run), box.checked);
          showGroups();
          showSeries();
        });
        const row = box.closest("tr");
        row.addEventListener("mouseenter", () => mark(data.runs[box.dataset.run]));
        row.addEventListener("mouseleave", () => mark(null));
      }
      for (const box of boxes("group")) {
        box.addEventListener("change", () => {
          const members = box.dataset.runs.split(" ").map(Number);
          for (const number of members) toggleRun(number, box.checked);
          for (const other of boxes("run")) if (members.includes(Number(other.dataset.run))) other.checked = box.checked;
          showSeries();
        });
      }
      for (const shape of SHAPES) {
        part(shape)?.addEventListener("change", (event) => {
          if (event.target.checked) state.shapes.add(shape);
          else state.shapes.delete(shape);
          showSeries();
        });
      }
      part("epoch")?.addEventListener("input", (event) => showEpoch(Number(event.target.value), null));
      part("in")?.addEventListener("click", () => zoom(0.5));
      part("out")?.addEventListener("click", () => zoom(2));
      part("earlier")?.addEventListener("click", () => move(-1));
      part("later")?.addEventListener("click", () => move(1));
      part("reset")?.addEventListener("click", () => showRange(1, epochs, null));
      new ResizeObserver(() => {
        const printing = document.documentElement.hasAttribute("data-printing");
        if (root.offsetParent !== null && !printing) for (const panel of panels) panel.handle.resize();
      }).observe(root);
    }

    listen();
    showButtons();
    return { draw, grow };
  }

  window.hoiquyCurves = { figure };
})();
