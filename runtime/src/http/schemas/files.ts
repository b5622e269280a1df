import { z } from 'zod';
import type { FileRecord } from '../../domain/file.ts';
import { toSeconds } from './fields.ts';

const fileData = z.object({
  status: z.enum(['pending', 'processing', 'completed', 'failed']).optional(),
  content: z.string().optional(),
  error: z.string().nullable().optional(),
});

export const fileMeta = z.object({
  name: z.string(),
  content_type: z.string().nullable(),
  size: z.int(),
  file_hash: z.string(),
  data: z.record(z.string(), z.unknown()),
  collection_name: z.string().optional(),
  chunk_count: z.int().optional(),
  processing_ms: z.int().optional(),
});

const recordHead = { id: z.string(), user_id: z.string(), hash: z.string().nullable(), filename: z.string() };
const recordTail = { data: fileData, meta: fileMeta, created_at: z.int(), updated_at: z.int() };

export const fileListItem = z.object({ ...recordHead, ...recordTail });
export const fileResponse = z.object({ ...recordHead, path: z.string(), ...recordTail });
export const uploadResponse = z.object({ ...fileListItem.shape, status: z.literal(true).optional(), path: z.string().optional() });
export const filePage = z.object({ items: z.array(fileListItem), total: z.int() });
export const fileStatusResponse = z.object({
  status: z.enum(['pending', 'processing', 'completed', 'failed']),
  error: z.string().optional(),
});

export const uploadForm = z.object({
  file: z.string().meta({ format: 'binary', description: 'The file; exactly one, with a filename' }),
  metadata: z.string().optional().meta({ description: 'JSON object; `knowledge_id` adds the file to that knowledge base' }),
});

type FileData = z.input<typeof fileData>;

/** `text` null leaves the content out (`content=false`). */
export function toFileData(file: FileRecord, text: string | null): FileData {
  switch (file.status) {
    case 'unprocessed':
      return {};
    case 'completed':
      return text === null ? { status: 'completed', error: null } : { status: 'completed', content: text, error: null };
    case 'failed':
      return { status: 'failed', error: file.error };
    default:
      return { status: file.status };
  }
}

export function toFileMeta(file: FileRecord): z.input<typeof fileMeta> {
  return {
    name: file.filename,
    content_type: file.contentType,
    size: file.sizeBytes,
    file_hash: file.fileHash,
    data: file.metadata,
    ...(file.status === 'completed' ? { collection_name: `file-${file.id}` } : {}),
    ...(file.chunkCount === null || file.processingMs === null ? {} : { chunk_count: file.chunkCount, processing_ms: file.processingMs }),
  };
}

/** A name for people: bytes are stored under the id alone, wherever the server keeps them. */
export function toPath(file: FileRecord): string {
  return `uploads/${file.id}_${file.filename}`;
}

export function toListItem(file: FileRecord, text: string | null): z.input<typeof fileListItem> {
  return {
    id: file.id,
    user_id: file.userId,
    hash: file.textHash,
    filename: file.filename,
    data: toFileData(file, text),
    meta: toFileMeta(file),
    created_at: toSeconds(file.createdAtMs),
    updated_at: toSeconds(file.updatedAtMs),
  };
}

export function toFileResponse(file: FileRecord, text: string | null): z.input<typeof fileResponse> {
  const { id, user_id, hash, filename, ...rest } = toListItem(file, text);
  return { id, user_id, hash, filename, path: toPath(file), ...rest };
}

export function toUploadResponse(file: FileRecord, text: string | null): z.input<typeof uploadResponse> {
  const item = toListItem(file, text);
  return file.status === 'unprocessed' ? item : { ...item, status: true, path: toPath(file) };
}

/** A file without a status reads as pending. A failed one says why, which Open WebUI tells only in its stream. */
export function toFileStatus(file: FileRecord): z.input<typeof fileStatusResponse> {
  const status = file.status === 'unprocessed' ? 'pending' : file.status;
  return file.status === 'failed' && file.error !== null ? { status, error: file.error } : { status };
}
