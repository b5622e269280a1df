import type { EmbedJob } from './embedJob';

/** Whose a text is, and its place among the texts of the item; one to compare with stands last. */
interface Use {
	job: EmbedJob;
	position: number;
}

/** One text on its way. One to compare with may serve many items. */
export interface Piece {
	text: string;
	uses: [Use, ...Use[]];
}

/** The texts of items that share requests, and each text to compare with once. */
function piecesOf(jobs: EmbedJob[]): Piece[] {
	const compared = new Map<string, Piece>();
	const pieces: Piece[] = [];
	for (const job of jobs) {
		for (const [position, text] of job.texts.entries()) {
			pieces.push({ text, uses: [{ job, position }] });
		}
		const text = job.compareWith;
		if (text === undefined) continue;
		const use: Use = { job, position: job.texts.length };
		const known = compared.get(text);
		if (known) {
			known.uses.push(use);
			continue;
		}
		const piece: Piece = { text, uses: [use] };
		compared.set(text, piece);
		pieces.push(piece);
	}
	return pieces;
}

/**
 * The texts of all items, in batches of their batch size, and in the order of the items. Items with
 * equal settings share batches.
 */
export function toBatches(jobs: EmbedJob[]): Piece[][] {
	const groups = new Map<string, EmbedJob[]>();
	for (const job of jobs) {
		const key = JSON.stringify([job.settings, job.batchSize, job.timeoutMs]);
		const group = groups.get(key) ?? [];
		group.push(job);
		groups.set(key, group);
	}
	return [...groups.values()].flatMap((group) => {
		const pieces = piecesOf(group);
		const size = group[0]?.batchSize ?? 1;
		const count = Math.ceil(pieces.length / size);
		return Array.from({ length: count }, (_, index) =>
			pieces.slice(index * size, (index + 1) * size),
		);
	});
}
