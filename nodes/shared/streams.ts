/** The body of a streamed answer, as n8n's HTTP helper gives it. */
export type ByteStream = AsyncIterable<Uint8Array>;

/** True if the value can be read piece by piece. */
export function isByteStream(value: unknown): value is ByteStream {
	return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/** The whole of a streamed body as text, parsed when it is JSON. Anything else is given back. */
export async function readAll(body: unknown): Promise<unknown> {
	if (!isByteStream(body)) return body;
	const decoder = new TextDecoder();
	let text = '';
	for await (const piece of body) text += decoder.decode(piece, { stream: true });
	text += decoder.decode();
	try {
		return JSON.parse(text) as unknown;
	} catch {
		return text;
	}
}
