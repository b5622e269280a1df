const CONSONANTS = 'bdfgklmnprstvz';
const VOWELS = 'aeiou';
/** About the vocabulary of a mid-sized collection of manuals. */
const VOCABULARY = 20_000;
const WORDS_PER_SENTENCE = 12;

/** Numbers from 0 to 1, the same at every run (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function word(rank: number): string {
  let rest = rank;
  let text = '';
  do {
    text += `${CONSONANTS[rest % CONSONANTS.length]}${VOWELS[Math.floor(rest / CONSONANTS.length) % VOWELS.length]}`;
    rest = Math.floor(rest / (CONSONANTS.length * VOWELS.length));
  } while (rest > 0);
  return rank % 3 === 0 ? `${text}n` : text;
}

/** A word whose frequency falls with its rank, as words of languages do (Zipf). */
function draw(random: () => number): string {
  return word(Math.floor(Math.exp(random() * Math.log(VOCABULARY))));
}

/** Made-up prose of about `sizeBytes`, the same for the same seed; sentences end in a full stop, paragraphs in an empty line. */
export function makeText(seed: number, sizeBytes: number): string {
  const random = createRandom(seed);
  const parts: string[] = [];
  for (let size = 0, sentence = 1; size < sizeBytes; sentence += 1) {
    const text = `${Array.from({ length: WORDS_PER_SENTENCE }, () => draw(random)).join(' ')}.${sentence % 10 === 0 ? '\n\n' : ' '}`;
    parts.push(text);
    size += text.length;
  }
  return parts.join('').slice(0, sizeBytes);
}

/** A question of six words of the same language, a new one for each `at`. */
export function makeQuestion(at: number): string {
  const random = createRandom(1_000_000 + at);
  return Array.from({ length: 6 }, () => draw(random)).join(' ');
}
