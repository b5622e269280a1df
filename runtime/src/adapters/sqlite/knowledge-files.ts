import type { FileVersion } from '../../ports/chunk-store.ts';
import type { Page } from '../../ports/file-store.ts';
import type { LinkedFile } from '../../ports/knowledge-store.ts';
import { FILE_COLUMNS, toFileRecord, type FileRow } from './file-rows.ts';
import { fold } from './fold.ts';
import type { Sql, WriteContext } from './sql.ts';

type LinkedRow = FileRow & { added_by: string; linked_at_ms: number };
type VersionRow = { file_id: string; version: number };

/** ?1 knowledge base, ?2 folded part of the file's name (null matches all). */
const LINKED = `FROM knowledge_files l JOIN files f ON f.id = l.file_id
  WHERE l.knowledge_id = ?1 AND f.is_hidden = 0 AND (?2 IS NULL OR instr(f.filename_folded, ?2) > 0)`;
const SELECT_FILES = `SELECT ${FILE_COLUMNS}, l.user_id AS added_by, l.linked_at_ms ${LINKED}`;
const FILES = `${SELECT_FILES} ORDER BY l.row LIMIT ?3 OFFSET ?4`;
const FILES_NEWEST_FIRST = `${SELECT_FILES} ORDER BY l.row DESC LIMIT ?3 OFFSET ?4`;
const COUNT = `SELECT count(*) AS total ${LINKED}`;
const VERSIONS = `SELECT f.id AS file_id, f.version FROM knowledge_files l JOIN files f ON f.id = l.file_id
  WHERE l.knowledge_id = ? AND f.is_hidden = 0 ORDER BY l.row`;
const HOLDING = 'SELECT knowledge_id AS id FROM knowledge_files WHERE file_id = ? ORDER BY row';
const INDEXED = 'SELECT file_id, version FROM indexed_files WHERE collection = ?';
/** The name of a collection contains the id of its knowledge base; ids are UUIDs, so no other name does. */
const COLLECTIONS = 'SELECT name FROM vector_collections WHERE ?1 IS NULL OR instr(name, ?1) > 0 ORDER BY name';
const REMEMBER = 'INSERT INTO vector_collections (name) VALUES (?) ON CONFLICT DO NOTHING';
const MARK = `INSERT INTO indexed_files (collection, file_id, version) VALUES (?, ?, ?)
  ON CONFLICT (collection, file_id) DO UPDATE SET version = excluded.version`;
const UNMARK = 'DELETE FROM indexed_files WHERE collection = ? AND file_id = ?';
const FORGET = 'DELETE FROM vector_collections WHERE name = ?';

const toVersion = (row: VersionRow): FileVersion => ({ fileId: row.file_id, version: row.version });

export function knowledgeFileReads(sql: Sql) {
  return {
    files: (knowledgeId: string, query: { search?: string; offset: number; limit: number; newestFirst?: boolean }): Page<LinkedFile> => {
      const part = query.search === undefined || query.search === '' ? null : fold(query.search);
      const rows = sql.all<LinkedRow>(query.newestFirst === true ? FILES_NEWEST_FIRST : FILES, knowledgeId, part, query.limit, query.offset);
      return {
        items: rows.map((row) => ({ ...toFileRecord(row), addedByUserId: row.added_by, linkedAtMs: row.linked_at_ms })),
        total: sql.get<{ total: number }>(COUNT, knowledgeId, part)?.total ?? 0,
      };
    },
    fileVersions: (knowledgeId: string): FileVersion[] => sql.all<VersionRow>(VERSIONS, knowledgeId).map(toVersion),
    holding: (fileId: string): string[] => sql.all<{ id: string }>(HOLDING, fileId).map((row) => row.id),
    indexed: (collection: string): FileVersion[] => sql.all<VersionRow>(INDEXED, collection).map(toVersion),
    collections: (knowledgeId: string | null): string[] => sql.all<{ name: string }>(COLLECTIONS, knowledgeId).map((row) => row.name),
  };
}

export function indexMarks({ sql }: WriteContext) {
  return {
    markIndexed: (collection: string, file: FileVersion): void => {
      sql.run(REMEMBER, collection);
      sql.run(MARK, collection, file.fileId, file.version);
    },
    unmarkIndexed: (collection: string, fileId: string): void => {
      sql.run(UNMARK, collection, fileId);
    },
    forgetCollection: (collection: string): void => {
      sql.run(FORGET, collection);
    },
  };
}
