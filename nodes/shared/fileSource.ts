import { createHash } from 'crypto';

import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import type { FileSource } from './fileForm';

/** How much of a stored file is read at once, in bytes. */
const CHUNK_SIZE_BYTES = 256 * 1024;

async function* bytesOnce(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
	yield bytes;
}

function nameOf(binary: IBinaryData): string {
	const extension = binary.fileExtension ? `.${binary.fileExtension}` : '';
	return binary.fileName ?? `file${extension}`;
}

async function storedSource(
	context: IExecuteFunctions,
	binary: IBinaryData,
	storageId: string,
): Promise<FileSource> {
	const { helpers } = context;
	const { fileSize } = await helpers.getBinaryMetadata(storageId);
	return {
		fileName: nameOf(binary),
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
	if (binary.id) return await storedSource(context, binary, binary.id);
	const bytes = await context.helpers.getBinaryDataBuffer(itemIndex, field);
	return {
		fileName: nameOf(binary),
		mimeType: binary.mimeType,
		sizeBytes: bytes.length,
		open: () => bytesOnce(bytes),
	};
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

/** SHA-256 of a file's bytes in lower-case hex, read piece by piece. */
export async function sha256Of(file: FileSource): Promise<string> {
	const hash = createHash('sha256');
	for await (const piece of file.open()) hash.update(piece);
	return hash.digest('hex');
}
