// Questions to the server. The key, where one is asked for, lives as long as the browser's tab.
import { say } from "./texts.js";

const KEY = "hoiquy-key";

export class Problem extends Error {
  // status: of HTTP, 0 where nobody answered. seconds: to wait before asking again, or null.
  constructor(status, message, seconds = null) {
    super(message);
    this.status = status;
    this.seconds = seconds;
  }
}

export function hasKey() {
  return window.sessionStorage.getItem(KEY) !== null;
}

export function useKey(key) {
  window.sessionStorage.setItem(KEY, key);
}

// The answer to a question; with a body it is posted. Raises Problem. A key that is asked for, or is
// not the right one, is also told by the event "keyneeded".
export async function request(path, body = undefined) {
  const headers = {};
  if (hasKey()) headers.Authorization = `Bearer ${window.sessionStorage.getItem(KEY)}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const options = { method: body === undefined ? "GET" : "POST", headers, body: body && JSON.stringify(body) };
  const answer = await fetch(path, options).catch((error) => {
    throw new Problem(0, String(error.message));
  });
  if (answer.status === 401) document.dispatchEvent(new CustomEvent("keyneeded"));
  if (!answer.ok) throw await problemOf(answer);
  return answer;
}

export async function ask(path, body = undefined) {
  const answer = await request(path, body);
  return answer.json().catch((error) => {
    throw new Problem(0, String(error.message)); // it broke off
  });
}

async function problemOf(answer) {
  const said = await answer.json().catch(() => null);
  const seconds = Number(answer.headers.get("Retry-After"));
  return new Problem(answer.status, said?.error?.message ?? answer.statusText, seconds || null);
}

// Ask again for as long as the server says that it has too much to do, a few times.
export async function askPatiently(path, body, onWait) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask(path, body);
    } catch (problem) {
      const busy = problem.status === 429 || problem.status === 503;
      if (!busy || attempt === 5) throw problem;
      const seconds = problem.seconds ?? attempt;
      onWait(seconds);
      await new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
    }
  }
}

const TOLD = [0, 401, 404, 413, 422, 429, 503];

// What went wrong in the reader's language, and in the server's own words where they say more.
export function explained(problem) {
  if (!(problem instanceof Problem)) throw problem; // a mistake in the page: for the console
  const key = TOLD.includes(problem.status) ? problem.status : "other";
  const told = say(`serve.problem_${key}`);
  return [0, 401, 429, 503].includes(problem.status) ? told : `${told} (${problem.message})`;
}
