// Questions to the server. The key, where one is asked for, lives as long as the browser's tab.
import { has, say } from "./texts.js";

const KEY = "hoiquy-key";

export class Problem extends Error {
  // code: the server's word for it, or "no_answer". seconds: to wait before asking again, or null.
  constructor(code, message, seconds = null) {
    super(message);
    this.code = code;
    this.seconds = seconds;
  }
}

let key = stored();

function stored() {
  try {
    return window.sessionStorage.getItem(KEY);
  } catch {
    return null; // a browser may forbid storage: the key then holds until the page is loaded again
  }
}

export function hasKey() {
  return key !== null;
}

export function useKey(given) {
  key = given;
  try {
    window.sessionStorage.setItem(KEY, key);
  } catch {
    // as above
  }
}

// The answer to a question; with a body it is posted. Raises Problem. A key that is asked for, or is
// not the right one, is also told by the event "keyneeded".
export async function request(path, body = undefined) {
  const headers = {};
  if (hasKey()) headers.Authorization = `Bearer ${key}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const options = { method: body === undefined ? "GET" : "POST", headers, body: body && JSON.stringify(body) };
  const answer = await fetch(path, options).catch((error) => {
    throw new Problem("no_answer", String(error.message));
  });
  if (answer.status === 401) document.dispatchEvent(new CustomEvent("keyneeded"));
  if (!answer.ok) throw await problemOf(answer);
  return answer;
}

export async function ask(path, body = undefined) {
  const answer = await request(path, body);
  return answer.json().catch((error) => {
    throw new Problem("no_answer", String(error.message)); // it broke off
  });
}

async function problemOf(answer) {
  const said = await answer.json().catch(() => null);
  const seconds = Number(answer.headers.get("Retry-After")) || null;
  const busy = answer.status === 429 || (answer.status === 503 && seconds !== null);
  const { code, message } = said?.error ?? { code: "other", message: String(answer.status) };
  return new Problem(busy ? "busy" : code, message, seconds);
}

// Ask again a few times for as long as the server says that it has too much to do.
export async function askPatiently(path, body, onWait) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask(path, body);
    } catch (problem) {
      if (problem.code !== "busy" || attempt === 5) throw problem;
      const seconds = problem.seconds ?? attempt;
      onWait(seconds);
      await new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
    }
  }
}

// What went wrong, in the reader's language where there are words for it.
export function explained(problem) {
  if (!(problem instanceof Problem)) throw problem; // a misclassified_example in the page: for the console
  const key = `serve.problem_${problem.code}`;
  return say(has(key) ? key : "serve.problem_other", { message: problem.message });
}
