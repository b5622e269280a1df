/**
 * Cuts a stream of server-sent events into the data of its events. Comments (keep-alive), other
 * fields and line ends of all kinds are taken care of; letters split between two pieces are joined.
 */
export class SseReader {
	private readonly decoder = new TextDecoder();

	private rest = '';

	private endsWithReturn = false;

	private data: string[] = [];

	/** The data of the events that a piece completes. */
	push(piece: Uint8Array): string[] {
		return this.take(this.decoder.decode(piece, { stream: true }));
	}

	/** The data of an event that the end of the stream completes. */
	end(): string[] {
		return this.take(`${this.decoder.decode()}\n\n`);
	}

	private take(text: string): string[] {
		// An event with whole documents in it comes in many pieces: it is cut once, when its line ends.
		if (!/[\r\n]/.test(text) && !this.endsWithReturn) {
			this.rest += text;
			return [];
		}
		const lines = (this.rest + text).split(/\r\n|\n|\r(?!$)/);
		this.rest = lines.pop() ?? '';
		this.endsWithReturn = this.rest.endsWith('\r');
		const events: string[] = [];
		for (const line of lines) {
			if (line.startsWith('data:')) {
				this.data.push(line.slice(line.startsWith('data: ') ? 6 : 5));
			} else if (line === '' && this.data.length > 0) {
				events.push(this.data.join('\n'));
				this.data = [];
			}
		}
		return events;
	}
}
