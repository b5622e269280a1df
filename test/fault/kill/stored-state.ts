import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export type StoredChunk = { id: string; fileId: string; text: string; isEmbedded: boolean };
export type StoredFile = { id: string; filename: string; status: string; error: string | null; isHidden: boolean };

/** What the data folder of a stopped runtime holds. */
export type StoredState = {
  files: StoredFile[];
  chunks: StoredChunk[];
  /** Knowledge base id to the ids of its files. */
  links: Map<string, string[]>;
  blobs: string[];
  /** Sentences about rows that contradict each other. */
  contradictions: string[];
  /** Table to the hash over its rows, for all but jobs. */
  digests: Map<string, string>;
  jobs: number;
};

/** A query that must find nothing, and what it means when it does. */
const NEVER: ReadonlyArray<readonly [string, string]> = [
  ['chunk of a missing file (I4)', 'SELECT file_id AS what FROM chunks WHERE file_id NOT IN (SELECT id FROM files)'],
  ['text of a missing file (I4)', 'SELECT file_id AS what FROM file_texts WHERE file_id NOT IN (SELECT id FROM files)'],
  ['embedding that no chunk uses (I4)', 'SELECT text_hash AS what FROM embeddings WHERE text_hash NOT IN (SELECT text_hash FROM chunks)'],
  ['link to a missing file (I4)', 'SELECT file_id AS what FROM knowledge_files WHERE file_id NOT IN (SELECT id FROM files WHERE is_hidden = 0)'],
  ['unfinished file without a job (I7)', "SELECT id AS what FROM files WHERE is_hidden = 0 AND status IN ('pending', 'processing') AND 'file:' || id NOT IN (SELECT subject FROM jobs WHERE kind = 'ingest')"],
  ['deleted file without a job (I7)', "SELECT id AS what FROM files WHERE is_hidden = 1 AND 'file:' || id NOT IN (SELECT subject FROM jobs WHERE kind = 'delete-file')"],
  ['chunk of an old version', 'SELECT c.file_id AS what FROM chunks c JOIN files f ON f.id = c.file_id WHERE c.version <> f.version'],
  ['completed file without chunks', "SELECT id AS what FROM files WHERE is_hidden = 0 AND status = 'completed' AND id NOT IN (SELECT file_id FROM chunks)"],
  ['completed file with a chunk that has no embedding (I2)', "SELECT c.file_id AS what FROM chunks c JOIN files f ON f.id = c.file_id WHERE f.status = 'completed' AND f.is_hidden = 0 AND c.text_hash NOT IN (SELECT text_hash FROM embeddings)"],
  ['equal texts in one knowledge base', "SELECT l.knowledge_id AS what FROM knowledge_files l JOIN files f ON f.id = l.file_id WHERE f.text_hash IS NOT NULL GROUP BY l.knowledge_id, f.text_hash HAVING count(*) > 1"],
  ['damaged page of the database', "SELECT integrity_check AS what FROM pragma_integrity_check WHERE integrity_check <> 'ok'"],
];
const TABLES = ['users', 'files', 'file_texts', 'chunks', 'embeddings', 'knowledge', 'knowledge_grants', 'knowledge_files', 'vector_collections', 'indexed_files'];

/**
 * Reads a copy, so that the look changes nothing, not even the write-ahead log that a killed runtime left.
 * The runtime of the folder must not be running.
 */
export async function readStoredState(dataDir: string): Promise<StoredState> {
  const copy = await mkdtemp(join(tmpdir(), 'kill-look-'));
  try {
    for (const name of ['runtime.db', 'runtime.db-wal']) await copyFile(join(dataDir, name), join(copy, name)).catch(() => undefined);
    const database = new DatabaseSync(join(copy, 'runtime.db'));
    try {
      return { ...readRows(database), blobs: (await readdir(join(dataDir, 'blobs'))).sort() };
    } finally {
      database.close();
    }
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

function readRows(database: DatabaseSync): Omit<StoredState, 'blobs'> {
  const all = (sql: string): Array<Record<string, unknown>> => database.prepare(sql).all();
  const files = all('SELECT id, filename, status, error, is_hidden FROM files ORDER BY id').map((row): StoredFile => ({
    id: String(row['id']), filename: String(row['filename']), status: String(row['status']),
    error: row['error'] === null ? null : String(row['error']), isHidden: row['is_hidden'] === 1,
  }));
  const chunks = all('SELECT file_id, version, ordinal, text, text_hash IN (SELECT text_hash FROM embeddings) AS embedded FROM chunks ORDER BY row').map((row): StoredChunk => ({
    id: `${String(row['file_id'])}.${String(row['version'])}.${String(row['ordinal'])}`, fileId: String(row['file_id']), text: String(row['text']), isEmbedded: row['embedded'] === 1,
  }));
  const links = new Map(all('SELECT id FROM knowledge').map((row): [string, string[]] => [String(row['id']), []]));
  for (const row of all('SELECT knowledge_id, file_id FROM knowledge_files ORDER BY row')) links.get(String(row['knowledge_id']))?.push(String(row['file_id']));
  const contradictions = NEVER.flatMap(([meaning, sql]) => all(sql).map((row) => `${meaning}: ${String(row['what'])}`));
  const digests = new Map(TABLES.map((table) => [table, createHash('sha256').update(all(`SELECT * FROM ${table}`).map(rowText).sort().join('\n')).digest('hex')]));
  return { files, chunks, links, contradictions, digests, jobs: Number(all('SELECT count(*) AS total FROM jobs')[0]?.['total'] ?? 0) };
}

function rowText(row: Record<string, unknown>): string {
  return JSON.stringify(Object.values(row).map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value)));
}
