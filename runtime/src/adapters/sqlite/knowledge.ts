import type { JsonObject } from '../../domain/json.ts';
import type { AccessGrant, Knowledge } from '../../domain/knowledge.ts';
import type { Page } from '../../ports/file-store.ts';
import type { KnowledgeSummary } from '../../ports/knowledge-store.ts';
import { fold } from './fold.ts';
import { enqueueKnowledgeJob } from './jobs.ts';
import type { Sql, WriteContext } from './sql.ts';

type KnowledgeRow = {
  id: string; user_id: string; name: string; description: string; meta: string | null; created_at_ms: number; updated_at_ms: number;
};
type GrantRow = {
  id: string; principal_type: AccessGrant['principalType']; principal_id: string; permission: AccessGrant['permission']; created_at_ms: number;
};
type SummaryRow = KnowledgeRow & { file_count: number };
type Change = { name?: string; description?: string; accessGrants?: AccessGrant[] };

const COLUMNS = 'k.id, k.user_id, k.name, k.description, k.meta, k.created_at_ms, k.updated_at_ms';
const BY_ID = `SELECT ${COLUMNS} FROM knowledge k WHERE k.id = ?`;
const GRANTS = `SELECT id, principal_type, principal_id, permission, created_at_ms FROM knowledge_grants
  WHERE knowledge_id = ? ORDER BY position`;
/** ?1 reader (null sees all), ?2 folded part of name or description (null matches all). */
const READABLE = `(?1 IS NULL OR k.user_id = ?1 OR EXISTS (
    SELECT 1 FROM knowledge_grants g WHERE g.knowledge_id = k.id
      AND ((g.principal_type = 'user' AND g.principal_id = ?1) OR (g.principal_type IN ('user', 'anyone') AND g.principal_id = '*'))))
  AND (?2 IS NULL OR instr(k.search_text, ?2) > 0)`;
const LIST = `SELECT ${COLUMNS}, (SELECT count(*) FROM knowledge_files l WHERE l.knowledge_id = k.id) AS file_count
  FROM knowledge k WHERE ${READABLE} ORDER BY k.updated_at_ms DESC, k.rowid DESC LIMIT ?3 OFFSET ?4`;
const COUNT = `SELECT count(*) AS total FROM knowledge k WHERE ${READABLE}`;
const INSERT = `INSERT INTO knowledge (id, user_id, name, description, search_text, meta, created_at_ms, updated_at_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;
const UPDATE = 'UPDATE knowledge SET name = ?, description = ?, search_text = ?, updated_at_ms = ? WHERE id = ?';
const DELETE = 'DELETE FROM knowledge WHERE id = ?';
const DELETE_GRANTS = 'DELETE FROM knowledge_grants WHERE knowledge_id = ?';
const INSERT_GRANT = `INSERT INTO knowledge_grants (knowledge_id, position, id, principal_type, principal_id, permission, created_at_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?)`;
const ALL_IDS = 'SELECT id FROM knowledge';

function toKnowledge(sql: Sql, row: KnowledgeRow): Knowledge {
  return {
    id: row.id,
    userId: row.user_id,
    name: row.name,
    description: row.description,
    meta: row.meta === null ? null : JSON.parse(row.meta) as JsonObject,
    accessGrants: sql.all<GrantRow>(GRANTS, row.id).map((grant) => ({
      id: grant.id,
      principalType: grant.principal_type,
      principalId: grant.principal_id,
      permission: grant.permission,
      createdAtMs: grant.created_at_ms,
    })),
    createdAtMs: row.created_at_ms,
    updatedAtMs: row.updated_at_ms,
  };
}

function knowledgeById(sql: Sql, id: string): Knowledge | null {
  const row = sql.get<KnowledgeRow>(BY_ID, id);
  return row === undefined ? null : toKnowledge(sql, row);
}

function replaceGrants(sql: Sql, knowledgeId: string, grants: readonly AccessGrant[]): void {
  sql.run(DELETE_GRANTS, knowledgeId);
  grants.forEach((grant, position) => {
    sql.run(INSERT_GRANT, knowledgeId, position, grant.id, grant.principalType, grant.principalId, grant.permission, grant.createdAtMs);
  });
}

const searchText = (name: string, description: string): string => fold(`${name}\n${description}`);

export function knowledgeReads(sql: Sql) {
  return {
    get: (id: string): Knowledge | null => knowledgeById(sql, id),
    list: (query: { readerId: string | null; search?: string; offset: number; limit: number }): Page<KnowledgeSummary> => {
      const part = query.search === undefined || query.search === '' ? null : fold(query.search);
      const rows = sql.all<SummaryRow>(LIST, query.readerId, part, query.limit, query.offset);
      return {
        items: rows.map((row) => ({ ...toKnowledge(sql, row), fileCount: row.file_count })),
        total: sql.get<{ total: number }>(COUNT, query.readerId, part)?.total ?? 0,
      };
    },
    allIds: (): string[] => sql.all<{ id: string }>(ALL_IDS).map((row) => row.id),
  };
}

export function knowledgeWrites(context: WriteContext) {
  const { sql } = context;
  return {
    insert: (knowledge: Knowledge): void => {
      const { id, userId, name, description, meta, createdAtMs, updatedAtMs } = knowledge;
      sql.run(INSERT, id, userId, name, description, searchText(name, description), meta === null ? null : JSON.stringify(meta), createdAtMs, updatedAtMs);
      replaceGrants(sql, id, knowledge.accessGrants);
    },
    update: (id: string, change: Change): Knowledge | null => {
      const current = knowledgeById(sql, id);
      if (current === null) return null;
      const { name = current.name, description = current.description } = change;
      sql.run(UPDATE, name, description, searchText(name, description), context.nowMs, id);
      if (change.accessGrants !== undefined) replaceGrants(sql, id, change.accessGrants);
      return knowledgeById(sql, id);
    },
    remove: (id: string): boolean => {
      if (sql.run(DELETE, id) === 0) return false;
      enqueueKnowledgeJob(context, 'drop-vectors', id);
      return true;
    },
  };
}
