// One panel of learning curves, drawn by uPlot: a line a series, an epoch a step.
//
// hoiquyCharts.panel(element, spec) draws and returns a handle. spec:
//   series   [{values: [number|null], colour, dashed, dotted, thin, title, name}], per cent or loss
//   epochs   the largest epoch
//   leastSpan, lang, onEpoch(epoch), onRange(low, high), onNear(index|null), describe(index, epoch)
// Colours are names of CSS variables, so that a theme changes them.
(function () {
  "use strict";

  // Steps of the y axis; 2.5 would need another decimal.
  const STEPS = Array.from({ length: 16 }, (_, at) => at - 6).flatMap((power) =>
    [1, 2, 5].map((step) => Number(`${step}e${power}`)),
  );

  function variable(element, name) {
    return window.getComputedStyle(element).getPropertyValue(name).trim();
  }

  // At least `span` high with a margin at both ends, or noise would fill the plot.
  function roomy(low, high, span) {
    if (low === null || high === null) return [0, 1];
    const spare = Math.max(span - (high - low), 0) / 2;
    const margin = 0.08 * Math.max(high - low, span);
    return [low - spare - margin, high + spare + margin];
  }

  function decimalsFor(step) {
    return Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
  }

  function axis(element, scale, extra) {
    return {
      stroke: variable(element, "--soft-ink"),
      font: `${12 * scale}px ${variable(element, "--sans")}`,
      grid: { stroke: variable(element, "--rule"), width: scale },
      ticks: { stroke: variable(element, "--rule"), width: scale, size: 5 * scale },
      gap: 4 * scale,
      ...extra,
    };
  }

  function seriesOptions(element, one, scale, points) {
    const colour = variable(element, one.colour);
    return {
      stroke: colour,
      width: (one.thin ? 1.4 : 2) * scale,
      dash: one.dotted ? [2 * scale, 5 * scale] : one.dashed ? [7 * scale, 4 * scale] : [],
      show: one.shown !== false,
      spanGaps: false,
      points: {
        show: points && !one.dotted,
        size: (one.thin ? 5 : 6) * scale,
        width: 1.5 * scale,
        stroke: colour,
        fill: one.dashed ? variable(element, "--paper") : colour,
      },
    };
  }

  function options(element, spec, size, scale) {
    const numbers = (decimals) =>
      new Intl.NumberFormat(spec.lang, {
        minimumFractionDigits: decimals,
        maximumFractionDigits: decimals,
      });
    const whole = numbers(0);
    return {
      width: size.width * scale,
      height: size.height * scale,
      padding: [10 * scale, 12 * scale, 0, 0],
      legend: { show: false },
      cursor: {
        y: false,
        // only whole epochs
        move: (u, left, top) => [left < 0 ? left : u.valToPos(u.data[0][u.posToIdx(left)], "x"), top],
        drag: { x: true, y: false, dist: 6 },
        points: { size: 9 * scale, fill: (u, at) => u.series[at].stroke(u, at) },
        sync: { key: spec.group },
      },
      scales: {
        x: {
          time: false,
          range: (u, low, high) =>
            spec.epochs === 1 ? [0.5, 1.5] : [Math.max(low, 1), Math.min(high, spec.epochs)],
        },
        y: { range: (u, low, high) => roomy(low, high, spec.leastSpan) },
      },
      axes: [
        axis(element, scale, {
          incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
          space: 28 * scale,
          size: 30 * scale,
          values: (u, splits) => splits.map((at) => (Number.isInteger(at) ? whole.format(at) : "")),
        }),
        axis(element, scale, {
          incrs: STEPS,
          space: 20 * scale,
          size: 50 * scale,
          values: (u, splits, at, space, step) => splits.map((y) => numbers(decimalsFor(step)).format(y)),
        }),
      ],
      series: [{}, ...spec.series.map((one) => seriesOptions(element, one, scale, spec.epochs <= 40))],
    };
  }

  function data(spec) {
    const epochs = Array.from({ length: spec.epochs }, (_, at) => at + 1);
    const padded = (values) => epochs.map((_, at) => values[at] ?? null);
    return [epochs, ...spec.series.map((one) => padded(one.values))];
  }

  // The shown series whose value at this epoch is nearest to the pointer.
  function nearest(plot, spec) {
    const { idx, top } = plot.cursor;
    if (idx === null || idx === undefined || top < 0) return null;
    let found = null;
    let least = Infinity;
    spec.series.forEach((one, at) => {
      const value = plot.data[at + 1][idx];
      if (one.dotted || value === null || !plot.series[at + 1].show) return;
      const distance = Math.abs(plot.valToPos(value, "y") - top);
      if (distance < least) [found, least] = [at, distance];
    });
    return found;
  }

  function place(tip, plot) {
    const { left, top } = plot.cursor;
    const onRight = left + tip.offsetWidth + 18 < plot.over.clientWidth;
    const x = onRight ? left + 14 : Math.max(left - tip.offsetWidth - 14, -40);
    const y = Math.min(Math.max(top - tip.offsetHeight - 8, 0), plot.over.clientHeight - tip.offsetHeight);
    tip.style.left = `${x}px`;
    tip.style.top = `${y}px`;
  }

  function showTip(tip, plot, spec) {
    const at = plot.cursor.event ? nearest(plot, spec) : null;
    tip.hidden = at === null;
    spec.onNear(at);
    if (at === null) return;
    tip.replaceChildren(...spec.describe(at, plot.cursor.idx + 1));
    place(tip, plot);
  }

  function panel(element, spec, printed) {
    const scale = printed ? 3 : 1; // paper is finer than a screen
    const size = printed ?? { width: element.clientWidth, height: element.clientHeight };
    const tip = document.createElement("div");
    tip.className = "tip";
    tip.hidden = true;
    const built = options(element, spec, size, scale);
    let quiet = true; // while the script moves the cursor or the range
    built.hooks = {
      setCursor: [
        (plot) => {
          if (quiet) return;
          showTip(tip, plot, spec);
          if (plot.cursor.event && plot.cursor.idx !== null) spec.onEpoch(plot.cursor.idx + 1);
        },
      ],
      setScale: [
        (plot, key) => {
          if (key === "x" && !quiet) spec.onRange(plot.scales.x.min, plot.scales.x.max);
        },
      ],
    };
    element.replaceChildren();
    const plot = new window.uPlot(built, data(spec), element);
    plot.over.append(tip);
    plot.over.addEventListener("mouseleave", () => {
      tip.hidden = true;
      spec.onNear(null);
    });
    if (printed) {
      plot.root.style.transform = `scale(${1 / scale})`;
      plot.root.style.transformOrigin = "0 0";
    }
    quiet = false;

    function quietly(act) {
      quiet = true;
      act();
      quiet = false;
    }

    return {
      show: (at, shown) => plot.setSeries(at + 1, { show: shown }),
      range: (low, high) => quietly(() => plot.setScale("x", { min: low, max: high })),
      epoch: (epoch) =>
        quietly(() => plot.setCursor({ left: plot.valToPos(epoch, "x"), top: -10 }, false)),
      resize: () => plot.setSize({ width: element.clientWidth, height: element.clientHeight }),
      destroy: () => plot.destroy(),
    };
  }

  window.hoiquyCharts = { panel };
})();
