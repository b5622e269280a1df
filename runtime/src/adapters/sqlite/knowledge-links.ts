import type { FileStatus } from '../../domain/file.ts';
import type { LinkOutcome } from '../../ports/knowledge-store.ts';
import { enqueueKnowledgeJob } from './jobs.ts';
import type { WriteContext } from './sql.ts';

type LinkableRow = { status: FileStatus; text_hash: string | null };

const TOUCH = 'UPDATE knowledge SET updated_at_ms = ? WHERE id = ?';
const KNOWLEDGE_EXISTS = 'SELECT 1 AS found FROM knowledge WHERE id = ?';
const FILE = 'SELECT status, text_hash FROM files WHERE id = ? AND is_hidden = 0';
const IS_LINKED = 'SELECT 1 AS found FROM knowledge_files WHERE knowledge_id = ? AND file_id = ?';
const SAME_TEXT = `SELECT 1 AS found FROM knowledge_files l JOIN files f ON f.id = l.file_id
  WHERE l.knowledge_id = ? AND f.text_hash = ? AND f.is_hidden = 0 LIMIT 1`;
const LINK = 'INSERT INTO knowledge_files (knowledge_id, file_id, user_id, linked_at_ms) VALUES (?, ?, ?, ?)';
const UNLINK = 'DELETE FROM knowledge_files WHERE knowledge_id = ? AND file_id = ?';
const UNLINK_ALL = 'DELETE FROM knowledge_files WHERE knowledge_id = ?';

/** The set of files has changed: newest update, and the vector index is to follow. */
function changed(context: WriteContext, knowledgeId: string): void {
  context.sql.run(TOUCH, context.nowMs, knowledgeId);
  enqueueKnowledgeJob(context, 'sync-vectors', knowledgeId);
}

/** Links within the running transaction. A file that is not completed (any more) counts as missing: there is nothing to link yet. */
export function linkFile(context: WriteContext, knowledgeId: string, fileId: string, userId: string): LinkOutcome {
  const { sql } = context;
  if (sql.get(KNOWLEDGE_EXISTS, knowledgeId) === undefined) return 'knowledge-missing';
  const file = sql.get<LinkableRow>(FILE, fileId);
  if (file === undefined) return 'file-missing';
  if (sql.get(IS_LINKED, knowledgeId, fileId) !== undefined) return 'already-linked';
  if (file.status !== 'completed') return 'file-missing';
  if (file.text_hash !== null && sql.get(SAME_TEXT, knowledgeId, file.text_hash) !== undefined) return 'duplicate';
  sql.run(LINK, knowledgeId, fileId, userId, context.nowMs);
  changed(context, knowledgeId);
  return 'linked';
}

export function linkWrites(context: WriteContext) {
  const { sql } = context;
  return {
    link: (knowledgeId: string, fileId: string, userId: string): LinkOutcome => linkFile(context, knowledgeId, fileId, userId),
    unlink: (knowledgeId: string, fileId: string): boolean => {
      if (sql.run(UNLINK, knowledgeId, fileId) === 0) return false;
      changed(context, knowledgeId);
      return true;
    },
    reset: (id: string): boolean => {
      if (sql.get(KNOWLEDGE_EXISTS, id) === undefined) return false;
      sql.run(UNLINK_ALL, id);
      changed(context, id);
      return true;
    },
    requestSync: (knowledgeId: string): void => enqueueKnowledgeJob(context, 'sync-vectors', knowledgeId),
  };
}
