import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from '@jest/globals';
import { openSqlite } from '../../runtime/src/adapters/sqlite/open-sqlite.ts';
import { describeChunkStore } from './chunk-store.ts';
import { describeFileStore } from './file-store.ts';
import { describeJobQueue } from './job-queue.ts';
import { describeKnowledgeStore } from './knowledge-store.ts';
import type { OpenedStores } from './opened-stores.ts';
import { describeUserStore } from './user-store.ts';

async function open(): Promise<OpenedStores> {
  const dir = await mkdtemp(join(tmpdir(), 'stores-'));
  let nowMs = 1_800_000_000_000;
  const stores = await openSqlite({ path: join(dir, 'runtime.db'), clock: { nowMs: () => nowMs } });
  return {
    ...stores,
    nowMs: () => nowMs,
    advanceMs: (ms) => {
      nowMs += ms;
    },
    close: async () => {
      await stores.close();
      await rm(dir, { recursive: true });
    },
  };
}

describeUserStore('SQLite', open);
describeFileStore('SQLite', open);
describeChunkStore('SQLite', open);
describeKnowledgeStore('SQLite', open);
describeJobQueue('SQLite', open);

describe('openSqlite', () => {
  it('refuses a database that a newer program has written, with a sentence', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'stores-'));
    const path = join(dir, 'runtime.db');
    const database = new DatabaseSync(path);
    database.exec('PRAGMA user_version = 999');
    database.close();
    await expect(openSqlite({ path })).rejects.toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining('newer version') });
    await rm(dir, { recursive: true });
  });

  it('keeps everything over a restart, and refuses calls once closed', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'stores-'));
    const path = join(dir, 'runtime.db');
    const first = await openSqlite({ path });
    const user = await first.users.add({ id: 'a', email: 'a@example.org', name: 'A', passwordHash: 'p', sessionStamp: 's' }, 'user');
    await first.checkWritable();
    await first.close();
    await expect(first.users.count()).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
    const second = await openSqlite({ path });
    expect(await second.users.byId('a')).toEqual(user);
    await second.close();
    await rm(dir, { recursive: true });
  });

  it('says what is wrong with a file that is no database', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'stores-'));
    await expect(openSqlite({ path: join(dir, 'missing', 'runtime.db') })).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
    await rm(dir, { recursive: true });
  });
});
