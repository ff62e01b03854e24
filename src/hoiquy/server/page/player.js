// The controls of a reading: play and pause, one word on or back, and a slider over the words.
import { element } from "./elements.js";
import { say } from "./texts.js";

const MILLISECONDS_A_WORD = 220;
const LONGEST = 9000; // milliseconds, however long the text

function still() {
  return window.matchMedia("(prefers-reduced-motion: reduce)").matches;
}

// {open(words), go(step), dress()}. `show(step)` hears every step, `ended()` the end of a
// play; `said(step)` is what the slider tells those who cannot see the picture.
export function player(root, { show, ended, said }) {
  const button = (act) => element("button", { type: "button", click: act });
  const back = button(() => go(step - 1));
  const toggle = button(() => (frame === null ? play() : pause()));
  const on = button(() => go(step + 1));
  const slider = element("input", { type: "range", min: 0, step: 1, input: () => go(Number(slider.value)) });
  const place = element("span", { class: "place" });
  let words = 0;
  let step = 0;
  let frame = null; // of the play that is going on

  root.replaceChildren(back, toggle, on, slider, place);

  function dress() {
    back.textContent = "←";
    on.textContent = "→";
    back.setAttribute("aria-label", say("serve.word_back"));
    on.setAttribute("aria-label", say("serve.word_on"));
    slider.setAttribute("aria-label", say("serve.words_read"));
    if (words > 0) put(step);
  }

  function put(next) {
    step = Math.min(Math.max(next, 0), words);
    slider.value = step;
    slider.setAttribute("aria-valuetext", `${say("serve.place", { step, words })}. ${said(step)}`);
    place.textContent = say("serve.place", { step, words });
    back.disabled = step === 0;
    on.disabled = step === words;
    toggle.textContent = say(frame === null ? "serve.play" : "serve.pause");
    show(step);
  }

  function pause() {
    if (frame !== null) window.cancelAnimationFrame(frame);
    frame = null;
    put(step);
  }

  function go(next) {
    step = next;
    pause();
  }

  // From the beginning where it had come to the end.
  function play() {
    const first = step === words ? 0 : step;
    const each = Math.min(MILLISECONDS_A_WORD, LONGEST / words);
    let begun = null;
    const turn = (now) => {
      begun ??= now;
      const next = Math.min(first + Math.floor((now - begun) / each), words);
      if (next < words) {
        frame = window.requestAnimationFrame(turn);
        if (next !== step) put(next);
      } else {
        go(words);
        ended();
      }
    };
    frame = window.requestAnimationFrame(turn);
    put(first);
  }

  // Begin with another text and play it; the end at once where the reader's system asks for no
  // movement.
  function open(count) {
    words = count;
    slider.max = words;
    root.hidden = words === 0;
    go(0);
    if (words > 0 && !still()) {
      play();
    } else {
      go(words);
      ended();
    }
  }

  return { open, go, dress };
}
