/** An answer with the thoughts of the model kept apart. */
export interface Split {
	content: string;
	reasoning: string | undefined;
}

/** The tags that Open WebUI itself takes for thoughts. */
const TAGS = ['think', 'thinking', 'reason', 'reasoning', 'thought'];

const NAMES = [...TAGS, 'details'];

const OPENING = new RegExp(
	`^\\s*<(${TAGS.join('|')}|details(?=\\s[^>]*type="reasoning"))(\\s[^>]*)?>`,
	'i',
);

const ENTITIES: Record<string, string> = {
	'&gt;': '>',
	'&lt;': '<',
	'&quot;': '"',
	'&#x27;': "'",
	'&#39;': "'",
	'&amp;': '&',
};

/** Open WebUI writes thoughts as an escaped quotation below a summary such as "Thought for 3 seconds". */
function thoughtOf(tag: string, inner: string): string {
	if (tag !== 'details') return inner.trim();
	return inner
		.replace(/<summary>[\s\S]*?<\/summary>/i, '')
		.replace(/&(gt|lt|quot|#x27|#39|amp);/g, (entity) => ENTITIES[entity] ?? entity)
		.replace(/^\s*> ?/gm, '')
		.trim();
}

/** A block of thoughts at the head of a text; `rest` is undefined while its end has not come. */
function headBlock(text: string): { thought: string; rest: string | undefined } | undefined {
	const opening = OPENING.exec(text);
	if (!opening) return undefined;
	const tag = (opening[1] ?? '').toLowerCase();
	const inner = text.slice(opening[0].length);
	const end = inner.toLowerCase().indexOf(`</${tag}>`);
	if (end < 0) return { thought: thoughtOf(tag, inner), rest: undefined };
	const rest = inner.slice(end + tag.length + 3).trimStart();
	return { thought: thoughtOf(tag, inner.slice(0, end)), rest };
}

/** True while a text may still turn out to begin with a block of thoughts. */
function isUndecided(text: string): boolean {
	const head = text.trimStart();
	if (head === '') return true;
	const tag = /^<([a-z]*)(\s[^>]*)?$/i.exec(head);
	if (!tag) return false;
	const name = (tag[1] ?? '').toLowerCase();
	return NAMES.some((known) => (tag[2] === undefined ? known.startsWith(name) : known === name));
}

/**
 * Takes the thoughts that a model wrote at the head of its answer out of it: `<think>` and its like,
 * and the `<details type="reasoning">` of Open WebUI. A block without an end is one that was cut off, when
 * the answer was; else it stays in the answer.
 */
export function splitReasoning({ content, reasoning }: Split, isCutOff: boolean): Split {
	const thoughts = reasoning === undefined ? [] : [reasoning];
	let rest = content;
	for (let block = headBlock(rest); block; block = headBlock(rest)) {
		if (block.rest === undefined && !isCutOff) break;
		thoughts.push(block.thought);
		rest = block.rest ?? '';
	}
	return { content: rest, reasoning: thoughts.filter(Boolean).join('\n') || undefined };
}

/** The same for an answer that comes in pieces: holds back what is, or may be, a thought. */
export class ReasoningFilter {
	private head: string | undefined = '';

	private afterThought = false;

	private inThought = false;

	/** The part of the answer that is sure now, possibly empty. */
	take(piece: string): string {
		if (this.head === undefined) return piece;
		this.head += piece;
		// Thoughts may be long: they are looked through only where their end may have come.
		if (this.inThought && !piece.includes('>')) return '';
		for (let block = headBlock(this.head); block; block = headBlock(this.head)) {
			this.inThought = block.rest === undefined;
			if (block.rest === undefined) return '';
			this.afterThought = true;
			this.head = block.rest;
		}
		return isUndecided(this.head) ? '' : this.flush();
	}

	/** What was held back, at the end of the answer; a thought that was cut off with it is none of it. */
	end(isCutOff: boolean): string {
		if (isCutOff && headBlock(this.head ?? '')) this.head = '';
		return this.flush();
	}

	private flush(): string {
		const text = this.head ?? '';
		this.head = undefined;
		return this.afterThought ? text.trimStart() : text;
	}
}
