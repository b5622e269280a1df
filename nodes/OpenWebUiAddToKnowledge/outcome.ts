import type { KnowledgeBase } from '../shared/knowledge';

/**
 * What became of a file: `added`; `unchanged`, it was there; `skipped`, another file there has its text;
 * `replaced`, it took the place of that file; `removed`; `absent`, it was not there to remove.
 */
export type Action = 'added' | 'unchanged' | 'skipped' | 'replaced' | 'removed' | 'absent';

/** What an item, or the clearing up after all items, did with a file. */
export interface Outcome {
	base: KnowledgeBase;
	action: Action;
	fileId?: string;
	filename?: string;
	/** The other file with the same text. */
	duplicateOf?: string;
	itemIndex: number;
	/** True for what no item asked for by itself. */
	afterItems?: boolean;
}

/** An item that came to nothing. What it was about is known as far as it got. */
export interface Failure {
	base?: KnowledgeBase;
	fileId?: string;
	filename?: string;
	error: unknown;
	itemIndex: number;
}
