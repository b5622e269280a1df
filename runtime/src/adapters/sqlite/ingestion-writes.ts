import type { ChunkRow } from './worker-protocol.ts';
import { enqueueKnowledgeJob } from './jobs.ts';
import { linkFile } from './knowledge-links.ts';
import type { Sql, WriteContext } from './sql.ts';

const SET_PROCESSING = `UPDATE files SET status = 'processing', error = NULL, processing_began_ms = ?1, updated_at_ms = ?1
  WHERE id = ?2 AND version = ?3 AND is_hidden = 0`;
const SET_FAILED = `UPDATE files SET status = 'failed', error = ?, text_hash = NULL, updated_at_ms = ?
  WHERE id = ? AND version = ? AND is_hidden = 0`;
const SET_COMPLETED = `UPDATE files SET status = 'completed', error = NULL, updated_at_ms = ?1,
    text_hash = (SELECT t.text_hash FROM file_texts t WHERE t.file_id = ?2),
    chunk_count = (SELECT count(*) FROM chunks c WHERE c.file_id = ?2), processing_ms = ?1 - processing_began_ms
  WHERE id = ?2 AND version = ?3 AND is_hidden = 0`;
const COUNT_EXTRACTION = `UPDATE files SET extraction_count = extraction_count + 1, updated_at_ms = ?
  WHERE id = ? AND version = ? AND is_hidden = 0`;
const SET_TEXT = `INSERT INTO file_texts (file_id, version, text_hash, text) VALUES (?, ?, ?, ?)
  ON CONFLICT (file_id) DO UPDATE SET version = excluded.version, text_hash = excluded.text_hash, text = excluded.text`;
const TEXT_HASHES = 'SELECT DISTINCT text_hash FROM chunks WHERE file_id = ?';
const DELETE_CHUNKS = 'DELETE FROM chunks WHERE file_id = ?';
const INSERT_CHUNK = `INSERT INTO chunks (file_id, version, ordinal, text_hash, start_offset, end_offset, page, heading, text, terms)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const DELETE_UNUSED_EMBEDDINGS = `DELETE FROM embeddings WHERE text_hash IN (SELECT value FROM json_each(?))
  AND NOT EXISTS (SELECT 1 FROM chunks c WHERE c.text_hash = embeddings.text_hash)`;
const HOLDERS = 'SELECT knowledge_id FROM knowledge_files WHERE file_id = ?';
const UNLINK_EVERYWHERE = 'DELETE FROM knowledge_files WHERE file_id = ?';
const DELETE_TEXT = 'DELETE FROM file_texts WHERE file_id = ?';
const DELETE_FILE = 'DELETE FROM files WHERE id = ?';
const SAVE_EMBEDDING = `INSERT INTO embeddings (text_hash, profile, vector)
  SELECT ?1, ?2, ?3 WHERE EXISTS (SELECT 1 FROM chunks WHERE text_hash = ?1)
  ON CONFLICT (text_hash, profile) DO NOTHING`;

type LinkTo = { knowledgeId: string; userId: string } | null;

/** Removes the file's chunks and the embeddings that nothing else uses, except those that `keep` inserts again. */
function replaceChunks(sql: Sql, fileId: string, keep: () => void): void {
  const hashes = sql.all<{ text_hash: string }>(TEXT_HASHES, fileId).map((row) => row.text_hash);
  sql.run(DELETE_CHUNKS, fileId);
  keep();
  if (hashes.length > 0) sql.run(DELETE_UNUSED_EMBEDDINGS, JSON.stringify(hashes));
}

/** The steps of a file's saga; each changes nothing for a row that is gone, hidden or of another version. */
export function ingestionWrites(context: WriteContext, uploads: ReadonlyMap<number, readonly ChunkRow[]>) {
  const { sql } = context;
  return {
    setProcessing: (id: string, version: number): boolean => sql.run(SET_PROCESSING, context.nowMs, id, version) > 0,
    saveExtraction: (id: string, version: number, extraction: { text: string; textHash: string; uploadId: number }): boolean => {
      if (sql.run(COUNT_EXTRACTION, context.nowMs, id, version) === 0) return false;
      sql.run(SET_TEXT, id, version, extraction.textHash, extraction.text);
      replaceChunks(sql, id, () => {
        (uploads.get(extraction.uploadId) ?? []).forEach((chunk, ordinal) => {
          sql.run(INSERT_CHUNK, id, version, ordinal, chunk.textHash, chunk.startOffset, chunk.endOffset, chunk.page, chunk.heading,
            chunk.text, chunk.terms);
        });
      });
      return true;
    },
    complete: (id: string, version: number, linkTo: LinkTo): false | 'completed' | 'linked' | 'already-linked' | 'duplicate' => {
      if (sql.run(SET_COMPLETED, context.nowMs, id, version) === 0) return false;
      // A knowledge base that held the file before now holds another version of it.
      for (const row of sql.all<{ knowledge_id: string }>(HOLDERS, id)) enqueueKnowledgeJob(context, 'sync-vectors', row.knowledge_id);
      if (linkTo === null) return 'completed';
      const outcome = linkFile(context, linkTo.knowledgeId, id, linkTo.userId);
      return outcome === 'knowledge-missing' || outcome === 'file-missing' ? 'completed' : outcome;
    },
    fail: (id: string, version: number, reason: string): boolean => sql.run(SET_FAILED, reason, context.nowMs, id, version) > 0,
    purge: (id: string): void => {
      replaceChunks(sql, id, () => undefined);
      sql.run(UNLINK_EVERYWHERE, id);
      sql.run(DELETE_TEXT, id);
      sql.run(DELETE_FILE, id);
    },
    /** An embedding of a text that no chunk has any more (its file went meanwhile) is not kept. */
    saveEmbeddings: (profile: string, textHashes: readonly string[], vectors: Float32Array): void => {
      const dimensions = vectors.length / textHashes.length;
      textHashes.forEach((textHash, index) => {
        const vector = vectors.subarray(index * dimensions, (index + 1) * dimensions);
        sql.run(SAVE_EMBEDDING, textHash, profile, new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength));
      });
    },
  };
}
