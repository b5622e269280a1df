import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OpenedStores, OpenStores } from './opened-stores.ts';

const newUser = (id: string) => ({ id, email: `${id}@example.org`, name: id, passwordHash: 'hash', sessionStamp: 'stamp' });

/** What every UserStore promises. */
export function describeUserStore(name: string, open: OpenStores): void {
  describe(`UserStore of ${name}`, () => {
    let stores: OpenedStores;
    beforeAll(async () => {
      stores = await open();
    });
    afterAll(() => stores.close());

    it('makes the first user admin and gives the others the role asked for', async () => {
      expect(await stores.users.count()).toBe(0);
      expect(await stores.users.add(newUser('one'), 'pending')).toMatchObject({ id: 'one', role: 'admin', createdAtMs: stores.nowMs() });
      expect(await stores.users.add(newUser('two'), 'pending')).toMatchObject({ id: 'two', role: 'pending' });
      expect(await stores.users.count()).toBe(2);
    });

    it('makes exactly one admin of many first sign-ups at the same moment', async () => {
      const fresh = await open();
      const added = await Promise.all(Array.from({ length: 20 }, (_, index) => fresh.users.add(newUser(`u${index}`), 'user')));
      expect(added.filter((user) => user?.role === 'admin')).toHaveLength(1);
      expect(await fresh.users.count()).toBe(20);
      await fresh.close();
    });

    it('adds only one user when only the first is wanted', async () => {
      const fresh = await open();
      const added = await Promise.all(['a', 'b', 'c'].map((id) => fresh.users.add(newUser(id), 'user', { onlyFirst: true })));
      expect(added.filter((user) => user !== null)).toHaveLength(1);
      expect(await fresh.users.count()).toBe(1);
      await fresh.close();
    });

    it('stores the first user together with the key, and no key of a user who was not wanted', async () => {
      const fresh = await open();
      const add = (id: string) => fresh.users.add(newUser(id), 'user', { onlyFirst: true, apiKey: { hash: `${id} hash`, cipher: id } });
      const [first, second] = await Promise.all([add('a'), add('b')]);
      expect([first?.role, second]).toEqual(['admin', null]);
      expect([(await fresh.users.byApiKeyHash('a hash'))?.id, await fresh.users.apiKeyCipher('a'), await fresh.users.byApiKeyHash('b hash')]).toEqual(['a', 'a', null]);
      await fresh.close();
    });

    it('refuses an e-mail address that is taken, and only that sign-up', async () => {
      const results = await Promise.allSettled([
        stores.users.add(newUser('a'), 'user'),
        stores.users.add({ ...newUser('b'), email: 'a@example.org' }, 'user'),
        stores.users.add(newUser('c'), 'user'),
      ]);
      expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect(results[1]).toMatchObject({ reason: { name: 'AppError', code: 'EMAIL_TAKEN' } });
      expect(await stores.users.byId('b')).toBeNull();
    });

    it('finds a user by id, e-mail address and key', async () => {
      const user = await stores.users.add(newUser('found'), 'user');
      await stores.users.setApiKey('found', { hash: 'found hash', cipher: 'c1' });
      expect(await stores.users.byId('found')).toEqual(user);
      expect(await stores.users.byEmail('found@example.org')).toEqual(user);
      expect(await stores.users.byApiKeyHash('found hash')).toEqual(user);
      expect(await stores.users.byId('x')).toBeNull();
      expect(await stores.users.byEmail("' OR 1=1 --")).toBeNull();
    });

    it('makes the old key invalid when a new one is set, and leaves the keys of others alone', async () => {
      await stores.users.add(newUser('keyed'), 'user');
      await stores.users.add(newUser('neighbour'), 'user');
      await stores.users.setApiKey('keyed', { hash: 'h1', cipher: 'c1' });
      await stores.users.setApiKey('neighbour', { hash: 'hb', cipher: 'cb' });
      await stores.users.setApiKey('keyed', { hash: 'h2', cipher: 'c2' });
      expect(await stores.users.byApiKeyHash('h1')).toBeNull();
      expect(await stores.users.apiKeyCipher('keyed')).toBe('c2');
      await stores.users.deleteApiKey('keyed');
      expect(await stores.users.byApiKeyHash('h2')).toBeNull();
      expect(await stores.users.apiKeyCipher('keyed')).toBeNull();
      expect(await stores.users.byApiKeyHash('hb')).toMatchObject({ id: 'neighbour' });
    });
  });
}
