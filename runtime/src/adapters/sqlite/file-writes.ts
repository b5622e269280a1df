import { AppError } from '../../domain/errors.ts';
import type { FileRecord } from '../../domain/file.ts';
import type { NewJob } from '../../domain/job.ts';
import { visibleFile } from './file-rows.ts';
import { fold } from './fold.ts';
import { enqueueJob, enqueueKnowledgeJob } from './jobs.ts';
import type { WriteContext } from './sql.ts';

const INSERT = `INSERT INTO files (id, user_id, filename, filename_folded, content_type, size_bytes, file_hash, text_hash, status, error,
    version, metadata, created_at_ms, updated_at_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const EXISTS = 'SELECT 1 AS found FROM files WHERE id = ?';
const NEXT_VERSION = `UPDATE files SET version = version + 1, status = 'pending', error = NULL, updated_at_ms = ?
  WHERE id = ? AND is_hidden = 0`;
const RENAME = 'UPDATE files SET filename = ?, filename_folded = ?, updated_at_ms = ? WHERE id = ? AND is_hidden = 0';
const HIDE = 'UPDATE files SET is_hidden = 1, updated_at_ms = ? WHERE id = ? AND is_hidden = 0';
/** An ingest job that waits for a version which is no more would do nothing but hold up its subject. */
const DROP_WAITING_INGEST = `DELETE FROM jobs
  WHERE subject = ? AND kind = 'ingest' AND target_id = ? AND (leased_until_ms IS NULL OR leased_until_ms <= ?)`;
const HOLDERS = 'SELECT knowledge_id FROM knowledge_files WHERE file_id = ?';
const UNLINK_EVERYWHERE = 'DELETE FROM knowledge_files WHERE file_id = ?';
const TOUCH_KNOWLEDGE = 'UPDATE knowledge SET updated_at_ms = ? WHERE id = ?';
const REPAIR_INGEST = `INSERT INTO jobs (kind, subject, target_id, version, created_at_ms, due_at_ms)
  SELECT 'ingest', 'file:' || f.id, f.id, f.version, ?1, ?1 FROM files f
  WHERE f.is_hidden = 0 AND f.status IN ('pending', 'processing') AND NOT EXISTS (
    SELECT 1 FROM jobs j WHERE j.subject = 'file:' || f.id AND j.kind = 'ingest' AND j.version = f.version)`;
const REPAIR_DELETE = `INSERT INTO jobs (kind, subject, target_id, version, created_at_ms, due_at_ms)
  SELECT 'delete-file', 'file:' || f.id, f.id, 0, ?1, ?1 FROM files f
  WHERE f.is_hidden = 1 AND NOT EXISTS (
    SELECT 1 FROM jobs j WHERE j.subject = 'file:' || f.id AND j.kind = 'delete-file')`;

/** Births, requests and the start of deletion; the steps of ingestion are in ingestion-writes.ts. */
export function fileWrites(context: WriteContext) {
  const { sql } = context;
  const dropWaitingIngest = (id: string): void => {
    sql.run(DROP_WAITING_INGEST, `file:${id}`, id, context.nowMs);
  };
  return {
    insert: (file: FileRecord, job: NewJob | null): void => {
      if (sql.get(EXISTS, file.id) !== undefined) throw new AppError('INTERNAL', `File ${file.id} exists already.`);
      sql.run(INSERT, file.id, file.userId, file.filename, fold(file.filename), file.contentType, file.sizeBytes, file.fileHash,
        file.textHash, file.status, file.error, file.version, JSON.stringify(file.metadata), file.createdAtMs, file.updatedAtMs);
      if (job !== null) enqueueJob(context, job);
    },
    requestProcessing: (id: string): FileRecord | null => {
      if (sql.run(NEXT_VERSION, context.nowMs, id) === 0) return null;
      dropWaitingIngest(id);
      const file = visibleFile(sql, id);
      if (file !== null) enqueueJob(context, { kind: 'ingest', subject: `file:${id}`, targetId: id, version: file.version });
      return file;
    },
    rename: (id: string, filename: string): FileRecord | null => {
      sql.run(RENAME, filename, fold(filename), context.nowMs, id);
      return visibleFile(sql, id);
    },
    startDelete: (id: string): boolean => {
      if (sql.run(HIDE, context.nowMs, id) === 0) return false;
      for (const { knowledge_id: knowledgeId } of sql.all<{ knowledge_id: string }>(HOLDERS, id)) {
        sql.run(TOUCH_KNOWLEDGE, context.nowMs, knowledgeId);
        enqueueKnowledgeJob(context, 'sync-vectors', knowledgeId);
      }
      sql.run(UNLINK_EVERYWHERE, id);
      dropWaitingIngest(id);
      enqueueJob(context, { kind: 'delete-file', subject: `file:${id}`, targetId: id, version: 0 });
      return true;
    },
    repairJobs: (): number => sql.run(REPAIR_INGEST, context.nowMs) + sql.run(REPAIR_DELETE, context.nowMs),
  };
}
