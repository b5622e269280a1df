/**
 * What the trigger remembers of a file. Phases: `s` it was seen searchable, `f` it was seen failed, `x` it
 * failed on its way into the knowledge base, `n` neither yet.
 */
export interface Entry {
	phase: 's' | 'f' | 'x' | 'n';
	/** The beginning of the hash of the text (`s`) or of the server's reason (`f`, `x`). */
	mark: string;
	/** The server's time at which the file looked failed, while that may pass. */
	doubt?: number;
	/** n8n's time, in seconds, at which the doubt began. */
	doubtedSince?: number;
	/** Kept only where it is needed to tell of a removed file. */
	filename?: string;
}

const FORM = /^([sfxn])([^?|]*)(?:\?(\d+)(?:~(\d+))?)?(?:\|([\s\S]*))?$/;

/** The entry as a short text, such as `s9f86d081884c`. */
export function toText({ phase, mark, doubt, doubtedSince, filename }: Entry): string {
	const sinceText = doubtedSince === undefined ? '' : `~${doubtedSince}`;
	const doubtText = doubt === undefined ? '' : `?${doubt}${sinceText}`;
	return `${phase}${mark}${doubtText}${filename === undefined ? '' : `|${filename}`}`;
}

/** The entry of a text; undefined when it is none. */
export function toEntry(text: string): Entry | undefined {
	const parts = FORM.exec(text);
	if (!parts) return undefined;
	const [, phase, mark, doubt, since, filename] = parts;
	return {
		phase: phase as Entry['phase'],
		mark,
		...(doubt === undefined ? {} : { doubt: Number(doubt) }),
		...(since === undefined ? {} : { doubtedSince: Number(since) }),
		...(filename === undefined ? {} : { filename }),
	};
}
