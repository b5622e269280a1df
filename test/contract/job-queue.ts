import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { OpenedStores, OpenStores } from './opened-stores.ts';
import { drainJobs, ingestJob, syncJob } from './samples.ts';

/** What every JobQueue promises. */
export function describeJobQueue(name: string, open: OpenStores): void {
  describe(`JobQueue of ${name}`, () => {
    let stores: OpenedStores;
    beforeAll(async () => {
      stores = await open();
    });
    afterEach(async () => {
      await stores.jobs.releaseAll();
      stores.advanceMs(1_000_000);
      await drainJobs(stores);
    });
    afterAll(() => stores.close());

    it('leases the oldest job, counts attempts and forgets a completed one', async () => {
      await stores.jobs.enqueue(ingestJob('a', 7));
      await stores.jobs.enqueue(ingestJob('b'));
      const job = await stores.jobs.lease(1000);
      expect(job).toMatchObject({ ...ingestJob('a', 7), attempt: 1, lastError: null });
      await stores.jobs.complete(job?.id ?? '');
      expect(await stores.jobs.lease(1000)).toMatchObject({ targetId: 'b' });
      expect(await stores.jobs.lease(1000)).toBeNull();
    });

    it('never leases two jobs of a subject at a time, nor one job twice', async () => {
      for (const version of [1, 2]) for (const id of ['a', 'b']) await stores.jobs.enqueue(ingestJob(id, version));
      const leased = await Promise.all(Array.from({ length: 6 }, () => stores.jobs.lease(1000)));
      expect(leased.filter((job) => job !== null).map((job) => [job.targetId, job.version])).toEqual([['a', 1], ['b', 1]]);
      await stores.jobs.complete(leased[0]?.id ?? '');
      expect(await stores.jobs.lease(1000)).toMatchObject({ targetId: 'a', version: 2 });
    });

    it('leases a job again when its lease ran out, and not before', async () => {
      await stores.jobs.enqueue(ingestJob('a'));
      const first = await stores.jobs.lease(1000);
      stores.advanceMs(999);
      expect(await stores.jobs.lease(1000)).toBeNull();
      expect(await stores.jobs.extend(first?.id ?? '', 1000)).toBe(true);
      stores.advanceMs(999);
      expect(await stores.jobs.lease(1000)).toBeNull();
      stores.advanceMs(1);
      expect(await stores.jobs.extend(first?.id ?? '', 1000)).toBe(false);
      expect(await stores.jobs.lease(1000)).toMatchObject({ id: first?.id, attempt: 2 });
    });

    it('runs a job again after its delay, knowing why, and keeps the order of its subject meanwhile', async () => {
      await stores.jobs.enqueue(ingestJob('a', 1));
      await stores.jobs.enqueue(ingestJob('a', 2));
      await stores.jobs.enqueue(ingestJob('b'));
      const job = await stores.jobs.lease(1000);
      await stores.jobs.retryLater(job?.id ?? '', 500, 'model server is down');
      expect(await stores.jobs.lease(1000)).toMatchObject({ targetId: 'b' });
      expect(await stores.jobs.lease(1000)).toBeNull();
      stores.advanceMs(500);
      expect(await stores.jobs.lease(1000)).toMatchObject({ id: job?.id, attempt: 2, lastError: 'model server is down' });
    });

    it('frees every lease at a start', async () => {
      await stores.jobs.enqueue(ingestJob('a'));
      await stores.jobs.enqueue(ingestJob('b'));
      await stores.jobs.lease(1000);
      expect(await stores.jobs.releaseAll()).toBe(1);
      expect(await stores.jobs.lease(1000)).toMatchObject({ targetId: 'a', attempt: 2 });
    });

    it('joins vector jobs that wait, and queues one behind a running one', async () => {
      for (let n = 0; n < 3; n += 1) await stores.jobs.enqueue(syncJob('k'));
      await stores.jobs.enqueue({ ...syncJob('k'), kind: 'drop-vectors' });
      await stores.jobs.enqueue(syncJob('other'));
      expect(await stores.jobs.stats()).toMatchObject({ waiting: 3, running: 0 });
      await stores.jobs.lease(1000);
      await stores.jobs.enqueue(syncJob('k'));
      await stores.jobs.enqueue(syncJob('k'));
      expect(await stores.jobs.stats()).toMatchObject({ waiting: 3, running: 1 });
    });

    it('tells how old the oldest job is', async () => {
      expect(await stores.jobs.stats()).toEqual({ waiting: 0, running: 0, oldestAgeMs: 0 });
      await stores.jobs.enqueue(ingestJob('a'));
      stores.advanceMs(250);
      await stores.jobs.enqueue(ingestJob('b'));
      expect(await stores.jobs.stats()).toEqual({ waiting: 2, running: 0, oldestAgeMs: 250 });
    });
  });
}
