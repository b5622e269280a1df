/** Words of questions that say nothing about what is looked for. */
const FUNCTION_WORDS = new Set(
	(
		'a about all an and any are as at be been but by can could did do does for from had has have he ' +
		'her his how i if in into is it its many may me more most much must my no not of on one or our ' +
		'shall she should so some than that the their them then there these they this those to up us was ' +
		'we were what when where which who whom whose why will with would you your'
	).split(' '),
);

const OTHER_SCRIPT = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;

interface Segmenter {
	segment(text: string): Iterable<{ segment: string; isWordLike?: boolean }>;
}

type SegmenterClass = new (locale: undefined, options: { granularity: 'word' }) => Segmenter;

function wordsOf(text: string): string[] {
	const { Segmenter } = Intl as unknown as { Segmenter?: SegmenterClass };
	if (typeof Segmenter !== 'function') return text.match(/[\p{L}\p{N}]+/gu) ?? [];
	const segments = [...new Segmenter(undefined, { granularity: 'word' }).segment(text)];
	return segments.filter(({ isWordLike }) => isWordLike).map(({ segment }) => segment);
}

const normal = (text: string): string => text.normalize('NFKC').toLowerCase();

/** Particles and endings of Japanese are written in Hiragana alone. */
function isTelling(word: string): boolean {
	if (FUNCTION_WORDS.has(word) || /^[\p{Script=Hiragana}\u30fc]+$/u.test(word)) return false;
	return word.length > 1 || /\p{N}/u.test(word) || OTHER_SCRIPT.test(word);
}

/** The word without the endings that English adds, so that "opens" is found for "open". */
function stem(word: string): string {
	if (!/^[a-z]{4,}$/.test(word)) return word;
	const singular = word
		.replace(/ies$/, 'y')
		.replace(/(x|ch|sh|ss)es$/, '$1')
		.replace(/([^s])s$/, '$1');
	const root = singular.replace(/(ed|ing)$/, '').replace(/^(.{4,})e$/, '$1');
	return root.length >= 3 ? root : singular;
}

/**
 * The words of a query that stand in a passage, in the order of the query, each once, in lower case.
 * Empty when the passage was found by its meaning alone.
 */
export function matchedWords(query: string, passage: string): string[] {
	const text = normal(passage);
	const stems = new Set(wordsOf(text).map(stem));
	const words = [...new Set(wordsOf(normal(query)))].filter(isTelling);
	return words.filter((word) =>
		OTHER_SCRIPT.test(word) ? text.includes(word) : stems.has(stem(word)),
	);
}
