import { chunkId, type Chunk } from '../../domain/chunk.ts';
import { dot, toFloats } from './floats.ts';
import type { Sql } from './sql.ts';

type ChunkDbRow = {
  file_id: string; version: number; ordinal: number; text_hash: string; start_offset: number; end_offset: number;
  page: number | null; heading: string | null; text: string;
};

const COLUMNS = 'c.file_id, c.version, c.ordinal, c.text_hash, c.start_offset, c.end_offset, c.page, c.heading, c.text';
const BY_KEY = `SELECT ${COLUMNS} FROM chunks c JOIN files f ON f.id = c.file_id
  WHERE c.file_id = ? AND c.version = ? AND c.ordinal = ? AND f.is_hidden = 0`;
const OF_FILE = `SELECT ${COLUMNS} FROM chunks c JOIN files f ON f.id = c.file_id AND f.version = c.version
  WHERE f.id = ? AND f.is_hidden = 0 ORDER BY c.ordinal`;
const TERMS = `SELECT c.ordinal, c.terms FROM chunks c
  WHERE c.file_id = ? AND c.version = ? AND c.ordinal >= ? ORDER BY c.ordinal LIMIT ?`;
const WITHOUT_EMBEDDING = `SELECT c.text_hash, c.text, min(c.ordinal) AS first FROM chunks c JOIN files f ON f.id = c.file_id AND f.version = c.version
  WHERE f.id = ?1 AND f.is_hidden = 0
    AND NOT EXISTS (SELECT 1 FROM embeddings e WHERE e.text_hash = c.text_hash AND e.profile = ?2)
  GROUP BY c.text_hash ORDER BY first LIMIT ?3`;
const FILES_WITHOUT_EMBEDDINGS = `SELECT f.id FROM files f WHERE f.status = 'completed' AND f.is_hidden = 0 AND EXISTS (
    SELECT 1 FROM chunks c WHERE c.file_id = f.id AND c.version = f.version
      AND NOT EXISTS (SELECT 1 FROM embeddings e WHERE e.text_hash = c.text_hash AND e.profile = ?1))
  ORDER BY f.created_at_ms LIMIT ?2`;

const VECTOR = `SELECT e.vector FROM chunks c JOIN files f ON f.id = c.file_id
  JOIN embeddings e ON e.text_hash = c.text_hash AND e.profile = ?1
  WHERE c.file_id = ?2 AND c.version = ?3 AND c.ordinal = ?4 AND f.is_hidden = 0`;

/** The inverse of domain/chunk.ts `chunkId`; null for anything that it cannot have made. */
function parseChunkId(id: string): { fileId: string; version: number; ordinal: number } | null {
  const [, fileId, version, ordinal] = /^(.+)\.(\d{1,15})\.(\d{1,15})$/s.exec(id) ?? [];
  if (fileId === undefined || version === undefined || ordinal === undefined) return null;
  return { fileId, version: Number(version), ordinal: Number(ordinal) };
}

function toChunk(row: ChunkDbRow): Chunk {
  return {
    id: chunkId(row.file_id, row.version, row.ordinal),
    fileId: row.file_id,
    version: row.version,
    ordinal: row.ordinal,
    text: row.text,
    textHash: row.text_hash,
    startOffset: row.start_offset,
    endOffset: row.end_offset,
    page: row.page,
    heading: row.heading,
  };
}

/** Reads of some chunks by id. */
export function chunkReads(sql: Sql) {
  return {
    byIds: (ids: readonly string[]): Chunk[] => ids.flatMap((id) => {
      const key = parseChunkId(id);
      const row = key === null ? undefined : sql.get<ChunkDbRow>(BY_KEY, key.fileId, key.version, key.ordinal);
      return row === undefined ? [] : [toChunk(row)];
    }),
    cosines: (chunkIds: readonly string[], profile: string, query: Float32Array): Array<{ chunkId: string; cosine: number }> =>
      chunkIds.flatMap((id) => {
        const key = parseChunkId(id);
        const row = key === null ? undefined : sql.get<{ vector: Uint8Array }>(VECTOR, profile, key.fileId, key.version, key.ordinal);
        const vector = row === undefined ? null : toFloats(row.vector);
        return vector === null || vector.length !== query.length ? [] : [{ chunkId: id, cosine: dot(query, vector, 0) }];
      }),
  };
}

/** Reads whose size is that of a document, or of all of them. */
export function chunkScans(sql: Sql) {
  return {
    ofFile: (fileId: string): Chunk[] => sql.all<ChunkDbRow>(OF_FILE, fileId).map(toChunk),
    /** Up to `limit` chunks from `fromOrdinal`, terms as the JSON text that was stored. */
    termsPage: (fileId: string, version: number, fromOrdinal: number, limit: number): Array<{ ordinal: number; terms: string }> =>
      sql.all<{ ordinal: number; terms: string }>(TERMS, fileId, version, fromOrdinal, limit),
    textsWithoutEmbedding: (fileId: string, profile: string, limit: number): Array<{ textHash: string; text: string }> =>
      sql.all<{ text_hash: string; text: string }>(WITHOUT_EMBEDDING, fileId, profile, limit)
        .map((row) => ({ textHash: row.text_hash, text: row.text })),
    filesWithoutEmbeddings: (profile: string, limit: number): string[] =>
      sql.all<{ id: string }>(FILES_WITHOUT_EMBEDDINGS, profile, limit).map((row) => row.id),
  };
}
