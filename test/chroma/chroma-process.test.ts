import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { openChroma, type TestChroma } from './open-chroma.ts';
import { chromaProcessesOn, killHard, type Parent, startParent, until } from './processes.ts';

const never = new AbortController().signal;
const quick = { restart: { firstPauseMs: 20, longestPauseMs: 50 } };
const record = { id: 'one', fileId: 'file-1', vector: Float32Array.of(1, 0) };
const unavailable = { code: 'INDEX_UNAVAILABLE', isRetryable: true };

const open: TestChroma[] = [];
async function opened(options?: Parameters<typeof openChroma>[0]): Promise<TestChroma> {
  const chroma = await openChroma(options);
  open.push(chroma);
  return chroma;
}

async function readyChroma(options?: Parameters<typeof openChroma>[0]): Promise<TestChroma> {
  const chroma = await opened(options);
  await chroma.index.whenReady(AbortSignal.timeout(60_000));
  return chroma;
}

/** Ends the server with the signal and waits until the supervisor has a new one. */
async function killed(chroma: TestChroma, signal: NodeJS.Signals): Promise<void> {
  const generation = chroma.index.generation();
  process.kill(chroma.pid() ?? 0, signal);
  await until(() => chroma.index.generation() > generation);
}

afterEach(async () => {
  for (const chroma of open.splice(0)) await chroma.close();
});

describe('a supervised Chroma', () => {
  it('rejects calls while it starts, and lets them wait', async () => {
    const chroma = await opened();
    expect(chroma.index.state()).toEqual({ state: 'starting', reason: null });
    await expect(chroma.index.count('abc', never)).rejects.toMatchObject({ ...unavailable, details: { reason: 'not-running' } });
    await chroma.index.whenReady(never);
    expect(await chroma.index.count('abc', never)).toBe(0);
    expect(chroma.index.generation()).toBe(1);
  });

  it('is started again when it is killed, with a higher generation and what was written', async () => {
    const chroma = await readyChroma(quick);
    await chroma.index.upsert('kept', [record], never);
    const firstPid = chroma.pid() ?? 0;
    process.kill(firstPid, 'SIGKILL');
    await until(() => chroma.pid() !== firstPid);
    await chroma.index.whenReady(never);
    expect(chroma.pid()).not.toBe(firstPid);
    expect(chroma.index.generation()).toBe(2);
    expect(await chroma.index.query('kept', Float32Array.of(1, 0), 1, never)).toEqual([{ id: 'one', cosine: 1 }]);
    expect(await chromaProcessesOn(chroma.dataDir)).toEqual([chroma.pid()]);
  });

  it('rejects a call that is under way when the server dies, and later ones until it is back', async () => {
    const chroma = await readyChroma({ restart: { firstPauseMs: 500 } });
    await chroma.index.upsert('broken-off', [record], never);
    const pid = chroma.pid() ?? 0;
    process.kill(pid, 'SIGSTOP');
    const answer = chroma.index.query('broken-off', Float32Array.of(1, 0), 1, never).then(() => null, (error: unknown) => error);
    process.kill(pid, 'SIGKILL');
    expect(await answer).toMatchObject({ ...unavailable, details: { reason: 'unreachable' } });
    await until(() => chroma.index.state().state === 'starting');
    expect(chroma.index.state().reason).toContain('SIGKILL');
    await expect(chroma.index.names(never)).rejects.toMatchObject(unavailable);
    await chroma.index.whenReady(never);
    expect(await chroma.index.names(never)).toEqual(['broken-off']);
  });

  it('gives up for a while after repeated failures, says why, and comes back by itself', async () => {
    const chroma = await opened({ restart: { firstPauseMs: 10, longestPauseMs: 10, failuresUntilUnavailable: 2, slowPauseMs: 300 } });
    await chroma.index.whenReady(never);
    for (const _ of [1, 2]) {
      await until(() => chroma.index.state().state === 'ready');
      process.kill(chroma.pid() ?? 0, 'SIGKILL');
      await until(() => chroma.index.state().state !== 'ready');
    }
    await until(() => chroma.index.state().state === 'unavailable');
    expect(chroma.index.state().reason).toBe('Chroma ended (SIGKILL). It failed 2 times in a row; the next try is in 1 s.');
    await expect(chroma.index.whenReady(never)).rejects.toMatchObject(unavailable);
    await until(() => chroma.index.state().state === 'ready');
    expect(chroma.index.generation()).toBe(3);
  });

  it('quarantines a collection that crashes it three times, and takes it back after a drop', async () => {
    const chroma = await readyChroma(quick);
    await chroma.index.upsert('poison', [record], never);
    await chroma.index.upsert('healthy', [record], never);
    for (const _ of [1, 2, 3]) {
      process.kill(chroma.pid() ?? 0, 'SIGSTOP');
      const query = chroma.index.query('poison', Float32Array.of(1, 0), 1, never);
      const rejected = expect(query).rejects.toMatchObject(unavailable);
      const generation = chroma.index.generation();
      process.kill(chroma.pid() ?? 0, 'SIGSEGV');
      process.kill(chroma.pid() ?? 0, 'SIGCONT');
      await rejected;
      await until(() => chroma.index.generation() > generation);
      expect(await chroma.index.query('healthy', Float32Array.of(1, 0), 1, never)).toHaveLength(1);
    }
    await expect(chroma.index.query('poison', Float32Array.of(1, 0), 1, never)).rejects.toMatchObject({ ...unavailable, details: { reason: 'quarantined', collection: 'poison' } });
    expect(chroma.log.some(({ level, fields }) => level === 'error' && fields['collection'] === 'poison')).toBe(true);
    await chroma.index.drop('poison', never);
    await chroma.index.upsert('poison', [record], never);
    expect(await chroma.index.query('poison', Float32Array.of(1, 0), 1, never)).toHaveLength(1);
  });

  it('says that only a wipe helps when dropping a collection crashes it three times', async () => {
    const chroma = await readyChroma(quick);
    await chroma.index.upsert('poison', [record], never);
    for (const _ of [1, 2, 3]) {
      const pid = chroma.pid() ?? 0;
      const generation = chroma.index.generation();
      process.kill(pid, 'SIGSTOP');
      const rejected = expect(chroma.index.drop('poison', never)).rejects.toMatchObject({ details: { reason: 'unreachable' } });
      process.kill(pid, 'SIGSEGV');
      process.kill(pid, 'SIGCONT');
      await rejected;
      await until(() => chroma.index.generation() > generation);
    }
    await expect(chroma.index.drop('poison', never)).rejects.toMatchObject({ ...unavailable, details: { reason: 'undroppable' } });
    await chroma.index.wipe(never);
    await chroma.index.drop('poison', never);
    expect(await chroma.index.names(never)).toEqual([]);
  });

  it('does not blame a collection for kills from outside', async () => {
    const chroma = await readyChroma(quick);
    await chroma.index.upsert('innocent', [record], never);
    for (const _ of [1, 2, 3]) {
      const query = chroma.index.query('innocent', Float32Array.of(1, 0), 1, never).catch(() => null);
      await killed(chroma, 'SIGKILL');
      await query;
    }
    expect(await chroma.index.query('innocent', Float32Array.of(1, 0), 1, never)).toHaveLength(1);
  });

  it('is empty and ready after a wipe, also when its folder was beyond use', async () => {
    const chroma = await readyChroma({ restart: { firstPauseMs: 10, longestPauseMs: 10, failuresUntilUnavailable: 2 } });
    await chroma.index.upsert('wiped', [record], never);
    await chroma.index.wipe(never);
    expect(chroma.index.state().state).toBe('ready');
    expect(chroma.index.generation()).toBe(2);
    expect(await chroma.index.names(never)).toEqual([]);

    await chroma.index.upsert('wiped', [record], never);
    await writeFile(join(chroma.dataDir, 'chroma.sqlite3'), 'this is no database'.repeat(1000));
    process.kill(chroma.pid() ?? 0, 'SIGKILL');
    await until(() => chroma.index.state().state === 'unavailable');
    await chroma.index.wipe(never);
    await chroma.index.upsert('wiped', [record], never);
    expect(await chroma.index.query('wiped', Float32Array.of(1, 0), 1, never)).toHaveLength(1);
  });

  it('leaves no process and no note behind when it stops, whatever it was doing', async () => {
    for (const waitFor of ['start', 'ready'] as const) {
      const chroma = await opened();
      if (waitFor === 'ready') await chroma.index.whenReady(never);
      await chroma.stop();
      expect(chroma.pid()).toBeNull();
      expect(await chromaProcessesOn(chroma.dataDir)).toEqual([]);
      expect(existsSync(join(chroma.folder, 'chroma.json'))).toBe(false);
      expect(chroma.index.state().state).toBe('unavailable');
      await expect(chroma.index.names(never)).rejects.toMatchObject(unavailable);
      await expect(chroma.start()).rejects.toMatchObject(unavailable);
    }
  });

  it('ends also a server that does not react to a polite request', async () => {
    const chroma = await readyChroma();
    const pid = chroma.pid() ?? 0;
    process.kill(pid, 'SIGSTOP');
    await chroma.stop();
    expect(await chromaProcessesOn(chroma.dataDir)).toEqual([]);
  });

  it('ends and restarts a server that hangs', async () => {
    const chroma = await readyChroma({ ...quick, heartbeat: { everyMs: 50, timeoutMs: 200, missesUntilHung: 3 } });
    await chroma.index.upsert('kept', [record], never);
    process.kill(chroma.pid() ?? 0, 'SIGSTOP');
    const answer = chroma.index.count('kept', never).then(() => null, (error: unknown) => error);
    await until(() => chroma.index.generation() === 2);
    expect(await answer).toMatchObject(unavailable);
    expect(await chroma.index.count('kept', never)).toBe(1);
    expect(await chromaProcessesOn(chroma.dataDir)).toEqual([chroma.pid()]);
  });

  it('says what to do where no binding loads, and leaves the service running', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'chroma-test-'));
    const file = join(folder, 'foreign.node');
    await writeFile(file, 'not an add-on');
    const chroma = await opened({ bindingOrder: ['no-such-chroma-binding', file] });
    await expect(chroma.index.whenReady(never)).rejects.toMatchObject({ code: 'INDEX_UNAVAILABLE', details: { reason: 'no-binding' } });
    const { state, reason } = chroma.index.state();
    expect(state).toBe('unavailable');
    expect(reason).toContain('no-such-chroma-binding (not installed)');
    expect(reason).toContain(process.platform === 'linux' ? 'glibc 2.38' : 'Use a system');
    await expect(chroma.index.query('abc', Float32Array.of(1), 1, never)).rejects.toMatchObject({ code: 'INDEX_UNAVAILABLE' });
    await rm(folder, { recursive: true });
  });
});

const onLinux = process.platform === 'linux' ? describe : describe.skip;

onLinux('the Chroma of a process of its own, which may be killed', () => {
  const folders: string[] = [];
  const parents: Parent[] = [];
  const parentOn = async (folder: string, environment?: Record<string, string>): Promise<Parent> => {
    const parent = await startParent(folder, environment);
    parents.push(parent);
    return parent;
  };
  const newFolder = async (): Promise<string> => {
    const folder = await mkdtemp(join(tmpdir(), 'chroma-test-'));
    folders.push(folder);
    return folder;
  };

  afterEach(async () => {
    for (const parent of parents.splice(0)) if (parent.process.exitCode === null && parent.process.signalCode === null) await killHard(parent.process);
    for (const folder of folders.splice(0)) {
      for (const pid of await chromaProcessesOn(join(folder, 'chroma'))) process.kill(pid, 'SIGKILL');
      await until(async () => (await chromaProcessesOn(join(folder, 'chroma'))).length === 0);
      await rm(folder, { recursive: true });
    }
  });

  it('ends by itself when its parent is killed', async () => {
    const folder = await newFolder();
    const parent = await parentOn(folder);
    expect(await chromaProcessesOn(join(folder, 'chroma'))).toEqual([parent.said.chromaPid]);
    await killHard(parent.process);
    await until(async () => (await chromaProcessesOn(join(folder, 'chroma'))).length === 0);
  });

  it('is ended by the next start before that opens the folder, when it hangs', async () => {
    const folder = await newFolder();
    const first = await parentOn(folder);
    process.kill(first.said.chromaPid ?? 0, 'SIGSTOP');
    await killHard(first.process);
    expect(await chromaProcessesOn(join(folder, 'chroma'))).toEqual([first.said.chromaPid]);
    const second = await parentOn(folder);
    expect(second.said.state).toBe('ready');
    expect(await chromaProcessesOn(join(folder, 'chroma'))).toEqual([second.said.chromaPid]);
    expect(second.said.chromaPid).not.toBe(first.said.chromaPid);
  });

  it('is left alone while its parent lives: a second service gets no server on the folder', async () => {
    const folder = await newFolder();
    const first = await parentOn(folder);
    const second = await parentOn(folder);
    expect(second.said.state).toBe('unavailable');
    expect(second.said.reason).toContain(`Process ${first.process.pid} already runs a Chroma`);
    expect(await chromaProcessesOn(join(folder, 'chroma'))).toEqual([first.said.chromaPid]);
  });

  it('is not confused with an unrelated process that has its number', async () => {
    const folder = await newFolder();
    const first = await parentOn(folder);
    const note = JSON.parse(await readFile(join(folder, 'chroma.json'), 'utf8')) as Record<string, unknown>;
    await killHard(first.process);
    await until(async () => (await chromaProcessesOn(join(folder, 'chroma'))).length === 0);
    await writeFile(join(folder, 'chroma.json'), JSON.stringify({ ...note, pid: process.pid }));
    const second = await parentOn(folder);
    expect(second.said.state).toBe('ready');
  });

  it('is reached directly although the whole process uses a proxy', async () => {
    const parent = await parentOn(await newFolder(), { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: 'http://127.0.0.1:9', NO_PROXY: '' });
    expect(parent.said.state).toBe('ready');
  });
});
