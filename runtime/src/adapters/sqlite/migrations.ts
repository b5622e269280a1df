import type { DatabaseSync } from 'node:sqlite';
import { AppError } from '../../domain/errors.ts';

const CREATE_USERS = `
CREATE TABLE users (
  id TEXT PRIMARY KEY,
  email TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  session_stamp TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  is_first INTEGER UNIQUE CHECK (is_first = 1)
) STRICT;
CREATE TABLE api_keys (
  user_id TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
  key_hash TEXT NOT NULL UNIQUE,
  cipher TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL
) STRICT;`;

const CREATE_FILES = `
CREATE TABLE files (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL,
  filename TEXT NOT NULL,
  filename_folded TEXT NOT NULL,
  content_type TEXT,
  size_bytes INTEGER NOT NULL,
  file_hash TEXT NOT NULL,
  text_hash TEXT,
  status TEXT NOT NULL,
  error TEXT,
  version INTEGER NOT NULL,
  metadata TEXT NOT NULL,
  chunk_count INTEGER,
  processing_ms INTEGER,
  processing_began_ms INTEGER,
  created_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL,
  is_hidden INTEGER NOT NULL DEFAULT 0,
  extraction_count INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX files_by_update ON files (updated_at_ms DESC) WHERE is_hidden = 0;
CREATE INDEX files_by_user_update ON files (user_id, updated_at_ms DESC) WHERE is_hidden = 0;
CREATE INDEX files_by_status ON files (status);
CREATE INDEX files_hidden ON files (id) WHERE is_hidden = 1;
CREATE TABLE file_texts (
  file_id TEXT PRIMARY KEY REFERENCES files (id) ON DELETE CASCADE,
  version INTEGER NOT NULL,
  text_hash TEXT NOT NULL,
  text TEXT NOT NULL
) STRICT;`;

/** `terms` and `text` come last so that reading the small columns does not walk their overflow pages. */
const CREATE_CHUNKS = `
CREATE TABLE chunks (
  row INTEGER PRIMARY KEY,
  file_id TEXT NOT NULL REFERENCES files (id),
  version INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  text_hash TEXT NOT NULL,
  start_offset INTEGER NOT NULL,
  end_offset INTEGER NOT NULL,
  page INTEGER,
  heading TEXT,
  text TEXT NOT NULL,
  terms TEXT NOT NULL,
  UNIQUE (file_id, version, ordinal)
) STRICT;
CREATE INDEX chunks_by_text ON chunks (text_hash);
CREATE TABLE embeddings (
  row INTEGER PRIMARY KEY,
  text_hash TEXT NOT NULL,
  profile TEXT NOT NULL,
  vector BLOB NOT NULL,
  UNIQUE (text_hash, profile)
) STRICT;`;

const CREATE_KNOWLEDGE = `
CREATE TABLE knowledge (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  search_text TEXT NOT NULL,
  meta TEXT,
  created_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX knowledge_by_update ON knowledge (updated_at_ms DESC);
CREATE TABLE knowledge_grants (
  knowledge_id TEXT NOT NULL REFERENCES knowledge (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  id TEXT NOT NULL,
  principal_type TEXT NOT NULL,
  principal_id TEXT NOT NULL,
  permission TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  PRIMARY KEY (knowledge_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX knowledge_grants_by_principal ON knowledge_grants (principal_id);
CREATE TABLE knowledge_files (
  row INTEGER PRIMARY KEY AUTOINCREMENT,
  knowledge_id TEXT NOT NULL REFERENCES knowledge (id) ON DELETE CASCADE,
  file_id TEXT NOT NULL REFERENCES files (id) ON DELETE CASCADE,
  user_id TEXT NOT NULL,
  linked_at_ms INTEGER NOT NULL,
  UNIQUE (knowledge_id, file_id)
) STRICT;
CREATE INDEX knowledge_files_by_file ON knowledge_files (file_id);
CREATE TABLE vector_collections (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE indexed_files (
  collection TEXT NOT NULL REFERENCES vector_collections (name) ON DELETE CASCADE,
  file_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  PRIMARY KEY (collection, file_id)
) STRICT, WITHOUT ROWID;`;

/** AUTOINCREMENT: a job id is never used twice, so a late holder cannot complete a stranger's job. */
const CREATE_JOBS = `
CREATE TABLE jobs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  target_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  attempt INTEGER NOT NULL DEFAULT 0,
  last_error TEXT,
  created_at_ms INTEGER NOT NULL,
  due_at_ms INTEGER NOT NULL,
  leased_until_ms INTEGER
) STRICT;
CREATE INDEX jobs_by_subject ON jobs (subject, id);
CREATE TABLE write_probe (id INTEGER PRIMARY KEY CHECK (id = 1), written_at_ms INTEGER NOT NULL) STRICT;`;

/** Number `n` brings a database from `user_version` n to n + 1; published ones never change. */
const MIGRATIONS: readonly string[] = [
  [CREATE_USERS, CREATE_FILES, CREATE_CHUNKS, CREATE_KNOWLEDGE, CREATE_JOBS].join('\n'),
];

/**
 * Brings the schema up to date, each step in a transaction of its own. Throws CONFIG_INVALID for a database that a newer
 * program has written: its rows may mean something that this one does not know.
 */
export function migrate(database: DatabaseSync): void {
  const row = database.prepare('PRAGMA user_version').get() as { user_version: number } | undefined;
  const version = row?.user_version ?? 0;
  if (version > MIGRATIONS.length) {
    throw new AppError('CONFIG_INVALID',
      `The database was written by a newer version of this program (schema ${version}, this program knows ${MIGRATIONS.length}). ` +
      'Start the newer version, or restore the backup from before its installation.');
  }
  MIGRATIONS.slice(version).forEach((migration, index) => {
    database.exec('BEGIN IMMEDIATE');
    try {
      database.exec(`${migration}\nPRAGMA user_version = ${version + index + 1};`);
      database.exec('COMMIT');
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  });
}
