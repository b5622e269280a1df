import type { FileRecord, FileStatus } from '../../domain/file.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { Sql } from './sql.ts';

export type FileRow = {
  id: string; user_id: string; filename: string; content_type: string | null; size_bytes: number; file_hash: string;
  text_hash: string | null; status: FileStatus; error: string | null; version: number; metadata: string;
  chunk_count: number | null; processing_ms: number | null; created_at_ms: number; updated_at_ms: number;
};

/** Columns of `files f` that make a FileRecord. */
export const FILE_COLUMNS = `f.id, f.user_id, f.filename, f.content_type, f.size_bytes, f.file_hash, f.text_hash, f.status, f.error,
  f.version, f.metadata, f.chunk_count, f.processing_ms, f.created_at_ms, f.updated_at_ms`;

const VISIBLE_BY_ID = `SELECT ${FILE_COLUMNS} FROM files f WHERE f.id = ? AND f.is_hidden = 0`;

export function toFileRecord(row: FileRow): FileRecord {
  return {
    id: row.id,
    userId: row.user_id,
    filename: row.filename,
    contentType: row.content_type,
    sizeBytes: row.size_bytes,
    fileHash: row.file_hash,
    textHash: row.text_hash,
    status: row.status,
    error: row.error,
    version: row.version,
    metadata: JSON.parse(row.metadata) as JsonObject,
    chunkCount: row.chunk_count,
    processingMs: row.processing_ms,
    createdAtMs: row.created_at_ms,
    updatedAtMs: row.updated_at_ms,
  };
}

export function visibleFile(sql: Sql, id: string): FileRecord | null {
  const row = sql.get<FileRow>(VISIBLE_BY_ID, id);
  return row === undefined ? null : toFileRecord(row);
}
