import type { FileRecord } from '../../domain/file.ts';
import type { Page } from '../../ports/file-store.ts';
import { FILE_COLUMNS, toFileRecord, visibleFile, type FileRow } from './file-rows.ts';
import { globPattern } from './fold.ts';
import type { Sql } from './sql.ts';

const GET_MANY = `SELECT ${FILE_COLUMNS} FROM json_each(?) wanted JOIN files f ON f.id = wanted.value
  WHERE f.is_hidden = 0 ORDER BY wanted.key`;
const LIST_ALL = `SELECT ${FILE_COLUMNS} FROM files f WHERE f.is_hidden = 0 ORDER BY f.updated_at_ms DESC, f.rowid DESC LIMIT ? OFFSET ?`;
const LIST_OWN = `SELECT ${FILE_COLUMNS} FROM files f WHERE f.is_hidden = 0 AND f.user_id = ?
  ORDER BY f.updated_at_ms DESC, f.rowid DESC LIMIT ? OFFSET ?`;
const SEARCH_ALL = `SELECT ${FILE_COLUMNS} FROM files f WHERE f.is_hidden = 0 AND f.filename_folded GLOB ?
  ORDER BY f.created_at_ms DESC, f.rowid DESC LIMIT ? OFFSET ?`;
const SEARCH_OWN = `SELECT ${FILE_COLUMNS} FROM files f WHERE f.is_hidden = 0 AND f.user_id = ? AND f.filename_folded GLOB ?
  ORDER BY f.created_at_ms DESC, f.rowid DESC LIMIT ? OFFSET ?`;
const COUNT_ALL = 'SELECT count(*) AS total FROM files WHERE is_hidden = 0';
const COUNT_OWN = 'SELECT count(*) AS total FROM files WHERE is_hidden = 0 AND user_id = ?';
const ALL_IDS = 'SELECT id FROM files';

type Slice = { offset: number; limit: number };

/** Reads of single rows and pages. */
export function fileReads(sql: Sql) {
  const count = (userId: string | null): number => {
    const row = userId === null ? sql.get<{ total: number }>(COUNT_ALL) : sql.get<{ total: number }>(COUNT_OWN, userId);
    return row?.total ?? 0;
  };
  return {
    get: (id: string): FileRecord | null => visibleFile(sql, id),
    getMany: (ids: readonly string[]): FileRecord[] => sql.all<FileRow>(GET_MANY, JSON.stringify([...new Set(ids)])).map(toFileRecord),
    list: ({ userId, offset, limit }: Slice & { userId: string | null }): Page<FileRecord> => {
      const rows = userId === null ? sql.all<FileRow>(LIST_ALL, limit, offset) : sql.all<FileRow>(LIST_OWN, userId, limit, offset);
      return { items: rows.map(toFileRecord), total: count(userId) };
    },
    search: ({ userId, pattern, offset, limit }: Slice & { userId: string | null; pattern: string }): FileRecord[] => {
      const glob = globPattern(pattern);
      const rows = userId === null ? sql.all<FileRow>(SEARCH_ALL, glob, limit, offset) : sql.all<FileRow>(SEARCH_OWN, userId, glob, limit, offset);
      return rows.map(toFileRecord);
    },
    count,
    allIds: (): string[] => sql.all<{ id: string }>(ALL_IDS).map((row) => row.id),
  };
}

const TEXT = 'SELECT t.text FROM file_texts t JOIN files f ON f.id = t.file_id WHERE f.id = ? AND f.is_hidden = 0';

/** Reads whose size is that of a document. */
export function fileScans(sql: Sql) {
  return {
    text: (id: string): string | null => sql.get<{ text: string }>(TEXT, id)?.text ?? null,
  };
}
