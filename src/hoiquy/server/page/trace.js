// What a reading trace says, worked out once for the bars, the line, the words and the list.
//
// A trace as the server gives it: classes, answer (a number), not_read, left_to_right, words
// [{word, known, change}], probabilities (words + 1 rows: before the first word and after each).
const COLOURS = 6;
const STRENGTHS = [0.01, 0.05, 0.2]; // slight, clear, strong: of a probability, by one word

// The numbers of the classes that have a colour: all of them in their own order, or of very many
// those that are most probable at the end.
function colouredNumbers(trace) {
  const numbers = trace.classes.map((_, number) => number);
  const last = trace.probabilities.at(-1);
  return numbers.length > COLOURS ? numbers.toSorted((a, b) => last[b] - last[a]).slice(0, COLOURS) : numbers;
}

// The classes that have a colour, a list [{number, name, colour}] for each of some traces. A class
// of one name has the same colour in all of them; of different names only where colours run out.
export function colouredClasses(traces) {
  const colours = new Map(); // by name
  const all = Array.from({ length: COLOURS }, (_, at) => at + 1);
  return traces.map((trace) => {
    const chosen = colouredNumbers(trace).map((number) => ({ number, name: trace.classes[number] }));
    const own = new Set(chosen.map(({ name }) => colours.get(name)));
    for (const { name } of chosen) {
      if (colours.has(name)) continue;
      const used = new Set(colours.values());
      colours.set(name, all.find((one) => !used.has(one)) ?? all.find((one) => !own.has(one)));
      own.add(colours.get(name));
    }
    return chosen.map((one) => ({ ...one, colour: colours.get(one.name) }));
  });
}

// The class that the word at this place raised most, and how strongly (0 to 3).
export function turn(trace, at) {
  const before = trace.probabilities[at];
  const rises = trace.probabilities[at + 1].map((after, number) => after - before[number]);
  const rise = Math.max(...rises);
  return { number: rises.indexOf(rise), strength: STRENGTHS.filter((least) => rise >= least).length };
}

// Places of the words that changed the answer's probability most, the largest change first.
export function turningPoints(trace, most = 5) {
  const size = (at) => Math.abs(trace.words[at].change);
  const places = trace.words.map((_, at) => at).filter((at) => size(at) >= STRENGTHS[0]);
  return places.toSorted((a, b) => size(b) - size(a)).slice(0, most);
}

export function unknownWords(trace) {
  return trace.words.filter((word) => !word.known).length;
}

// How many words into the longest of some traces each of them begins: those that read the end of
// a text too long for them begin later than those that read all of it.
export function beginnings(traces) {
  const [longest] = traces.toSorted((a, b) => b.words.length - a.words.length);
  const late = (words) => words[0]?.word !== longest.words[0]?.word;
  return traces.map(({ words }) => (late(words) ? longest.words.length - words.length : 0));
}
