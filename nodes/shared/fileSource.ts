import { createHash } from 'crypto';

import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import { throwIfCancelled } from './context';
import type { FileSource } from './fileForm';

/** How much of a stored file is read at once, in bytes. */
const CHUNK_SIZE_BYTES = 256 * 1024;

/** How much of a file in memory is decoded at once, in characters of base64: four make three bytes. */
const CHUNK_LENGTH = 4 * 64 * 1024;

async function* bytesOnce(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
	yield bytes;
}

async function* decoded(base64: string): AsyncGenerator<Uint8Array> {
	for (let start = 0; start < base64.length; start += CHUNK_LENGTH) {
		yield Buffer.from(base64.slice(start, start + CHUNK_LENGTH), 'base64');
	}
}

/** The name in a binary field, or one made of its extension. */
export function binaryName(binary: IBinaryData): string {
	const { fileName, fileExtension } = binary;
	if (fileName?.trim()) return fileName;
	return fileExtension ? `file.${fileExtension}` : 'file';
}

async function storedSource(
	context: IExecuteFunctions,
	binary: IBinaryData,
	storageId: string,
): Promise<FileSource> {
	const { helpers } = context;
	const { fileSize } = await helpers.getBinaryMetadata(storageId);
	return {
		fileName: binaryName(binary),
		mimeType: binary.mimeType,
		sizeBytes: fileSize,
		open: async function* () {
			const stream: AsyncIterable<unknown> = await helpers.getBinaryStream(
				storageId,
				CHUNK_SIZE_BYTES,
			);
			for await (const piece of stream) yield piece as Uint8Array;
		},
	};
}

/** n8n's inline mode keeps the bytes as base64. They are decoded piece by piece: a copy would double them. */
async function inlineSource(
	context: IExecuteFunctions,
	itemIndex: number,
	field: string,
	binary: IBinaryData,
): Promise<FileSource> {
	const file = { fileName: binaryName(binary), mimeType: binary.mimeType, isInMemory: true };
	const { data } = binary;
	// With anything else in it, the pieces would not add up to the length.
	if (/^[A-Za-z0-9+/]*={0,2}$/.test(data)) {
		const sizeBytes = Buffer.byteLength(data, 'base64');
		return { ...file, sizeBytes, open: () => decoded(data) };
	}
	const bytes = await context.helpers.getBinaryDataBuffer(itemIndex, field);
	return { ...file, sizeBytes: bytes.length, open: () => bytesOnce(bytes) };
}

/**
 * The file in a binary field of an item: streamed from n8n's storage, or from memory in n8n's inline
 * mode. Throws n8n's own error when the item has no such field.
 */
export async function binarySource(
	context: IExecuteFunctions,
	itemIndex: number,
	field: string,
): Promise<FileSource> {
	const binary = context.helpers.assertBinaryData(itemIndex, field);
	return binary.id
		? await storedSource(context, binary, binary.id)
		: await inlineSource(context, itemIndex, field, binary);
}

function mimeTypeOf(fileName: string): string {
	if (/\.(md|markdown)$/i.test(fileName)) return 'text/markdown';
	return /\.json$/i.test(fileName) ? 'application/json' : 'text/plain';
}

/** A file made of the text of the field `label`. Throws a NodeOperationError when there is none. */
export function textSource(
	context: IExecuteFunctions,
	itemIndex: number,
	text: string,
	fileName: string,
	label = 'Text',
): FileSource {
	if (text.trim() === '') {
		throw new NodeOperationError(context.getNode(), `The field "${label}" is empty`, {
			description: 'There is nothing to upload for this item.',
			itemIndex,
		});
	}
	const bytes = Buffer.from(text, 'utf8');
	return { fileName, mimeType: mimeTypeOf(fileName), sizeBytes: bytes.length, open: () => bytesOnce(bytes) };
}

/**
 * SHA-256 of a file's bytes in lower-case hex, read piece by piece. Throws a NodeOperationError when
 * the execution is stopped.
 */
export async function sha256Of(
	context: IExecuteFunctions,
	file: FileSource,
	itemIndex: number,
): Promise<string> {
	const hash = createHash('sha256');
	for await (const piece of file.open()) {
		throwIfCancelled(context, itemIndex);
		hash.update(piece);
	}
	return hash.digest('hex');
}
