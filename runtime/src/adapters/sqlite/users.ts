import { AppError } from '../../domain/errors.ts';
import type { Role, User } from '../../domain/user.ts';
import type { NewUser, StoredApiKey } from '../../ports/user-store.ts';
import type { Sql, WriteContext } from './sql.ts';

type UserRow = {
  id: string; email: string; name: string; role: Role; password_hash: string; session_stamp: string; created_at_ms: number;
};

const COLUMNS = 'u.id, u.email, u.name, u.role, u.password_hash, u.session_stamp, u.created_at_ms';
const COUNT = 'SELECT count(*) AS total FROM users';
const BY_ID = `SELECT ${COLUMNS} FROM users u WHERE u.id = ?`;
const BY_EMAIL = `SELECT ${COLUMNS} FROM users u WHERE u.email = ?`;
const BY_KEY = `SELECT ${COLUMNS} FROM api_keys k JOIN users u ON u.id = k.user_id WHERE k.key_hash = ?`;
const INSERT = `INSERT INTO users (id, email, name, role, password_hash, session_stamp, created_at_ms, is_first)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;
const KEY_CIPHER = 'SELECT cipher FROM api_keys WHERE user_id = ?';
const SET_KEY = `INSERT INTO api_keys (user_id, key_hash, cipher, created_at_ms) VALUES (?, ?, ?, ?)
  ON CONFLICT (user_id) DO UPDATE SET key_hash = excluded.key_hash, cipher = excluded.cipher, created_at_ms = excluded.created_at_ms`;
const DELETE_KEY = 'DELETE FROM api_keys WHERE user_id = ?';

const toUser = (row: UserRow | undefined): User | null => row === undefined ? null : {
  id: row.id,
  email: row.email,
  name: row.name,
  role: row.role,
  passwordHash: row.password_hash,
  sessionStamp: row.session_stamp,
  createdAtMs: row.created_at_ms,
};

export function userReads(sql: Sql) {
  return {
    count: (): number => sql.get<{ total: number }>(COUNT)?.total ?? 0,
    byId: (id: string): User | null => toUser(sql.get<UserRow>(BY_ID, id)),
    byEmail: (email: string): User | null => toUser(sql.get<UserRow>(BY_EMAIL, email)),
    byApiKeyHash: (keyHash: string): User | null => toUser(sql.get<UserRow>(BY_KEY, keyHash)),
    apiKeyCipher: (userId: string): string | null => sql.get<{ cipher: string }>(KEY_CIPHER, userId)?.cipher ?? null,
  };
}

export function userWrites(context: WriteContext) {
  const { sql } = context;
  return {
    /** Writes come one after another, so the count decides; the unique `is_first` would stop any other writer. */
    add: (user: NewUser, roleOtherwise: Role, options?: { onlyFirst?: boolean; apiKey?: StoredApiKey }): User | null => {
      const isFirst = (sql.get<{ total: number }>(COUNT)?.total ?? 0) === 0;
      if (!isFirst && options?.onlyFirst === true) return null;
      if (sql.get(BY_EMAIL, user.email) !== undefined) {
        throw new AppError('EMAIL_TAKEN', 'A user with this e-mail address exists already.');
      }
      const added: User = { ...user, role: isFirst ? 'admin' : roleOtherwise, createdAtMs: context.nowMs };
      sql.run(INSERT, added.id, added.email, added.name, added.role, added.passwordHash, added.sessionStamp, added.createdAtMs, isFirst ? 1 : null);
      if (options?.apiKey !== undefined) sql.run(SET_KEY, added.id, options.apiKey.hash, options.apiKey.cipher, context.nowMs);
      return added;
    },
    setApiKey: (userId: string, key: StoredApiKey): void => {
      if (sql.get(BY_ID, userId) === undefined) throw new AppError('NOT_FOUND', 'The user does not exist.');
      sql.run(SET_KEY, userId, key.hash, key.cipher, context.nowMs);
    },
    deleteApiKey: (userId: string): void => {
      sql.run(DELETE_KEY, userId);
    },
  };
}
