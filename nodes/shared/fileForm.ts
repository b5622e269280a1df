import type { IHttpRequestOptions } from 'n8n-workflow';
import { OperationalError } from 'n8n-workflow';

/** A file to send: its size must be known, its bytes are only opened when they are sent. */
export interface FileSource {
	fileName: string;
	mimeType: string;
	sizeBytes: number;
	/** True when n8n holds all the bytes in memory, whatever is done here. */
	isInMemory?: boolean;
	/** Opens the bytes anew on every call. */
	open: () => AsyncIterable<Uint8Array>;
}

/** The part of the web's File that a multipart encoder needs. */
interface FilePart {
	name: string;
	type: string;
	size: number;
	stream: () => AsyncIterable<Uint8Array>;
	[Symbol.toStringTag]: string;
}

/**
 * A multipart form whose files are streamed. n8n's HTTP client encodes everything that looks like
 * the web's FormData; the global FormData would want whole files in memory.
 */
export class FileForm {
	private readonly parts: Array<[string, string | FilePart]> = [];

	private readonly opened: Array<AsyncIterator<Uint8Array>> = [];

	private isClosed = false;

	/** Adds a text field. */
	append(name: string, value: string): this {
		this.parts.push([name, value]);
		return this;
	}

	/** Adds a file. */
	appendFile(name: string, file: FileSource): this {
		this.parts.push([
			name,
			{
				name: file.fileName,
				type: file.mimeType,
				size: file.sizeBytes,
				stream: () => this.pieces(file),
				[Symbol.toStringTag]: 'File',
			},
		]);
		return this;
	}

	/**
	 * Lets go of the files. n8n's HTTP client leaves them open when a request ends before all is sent, and
	 * must not take that for their end.
	 */
	async close(): Promise<void> {
		this.isClosed = true;
		await Promise.all(this.opened.map(async (iterator) => await iterator.return?.()));
	}

	private pieces(file: FileSource): AsyncIterable<Uint8Array> {
		const iterator = file.open()[Symbol.asyncIterator]();
		this.opened.push(iterator);
		const next = async (): Promise<IteratorResult<Uint8Array>> => {
			if (this.isClosed) throw new OperationalError('The upload has ended');
			return await iterator.next();
		};
		const end = async () => (await iterator.return?.()) ?? { done: true as const, value: undefined };
		return { [Symbol.asyncIterator]: () => ({ next, return: end }) };
	}

	entries(): IterableIterator<[string, string | FilePart]> {
		return this.parts[Symbol.iterator]();
	}

	[Symbol.iterator](): IterableIterator<[string, string | FilePart]> {
		return this.entries();
	}

	get [Symbol.toStringTag](): string {
		return 'FormData';
	}

	/** The form as a request body. */
	toBody(): IHttpRequestOptions['body'] {
		return this as unknown as FormData;
	}
}
