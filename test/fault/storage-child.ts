import { createHash, randomUUID } from 'node:crypto';
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createBlobFs } from '../../runtime/src/adapters/blob-fs.ts';
import { lockDataDir } from '../../runtime/src/adapters/data-dir-lock.ts';
import { openSqlite } from '../../runtime/src/adapters/sqlite/open-sqlite.ts';
import { extraction, fileRecord, ingestJob } from '../contract/samples.ts';

/** What the tests of storage faults run in a process of its own: it can be killed, traced and starved. */
const [mode = '', dir = ''] = process.argv.slice(2);
const never = new AbortController().signal;

/** Straight to the descriptor: a line is out before the next call starts, also when the process is killed. */
const say = (line: string): void => {
  writeSync(1, `${line}\n`);
};
const codeOf = (error: unknown): string => String((error as { code?: unknown }).code);
const open = () => openSqlite({ path: join(dir, 'runtime.db') });

/** Uploads and ingests on four lanes; a line says what was acknowledged. */
async function writeUntilKilled(): Promise<void> {
  const stores = await open();
  const blobs = createBlobFs({ dir: join(dir, 'blobs') });
  const lane = async (): Promise<void> => {
    for (;;) {
      const id = randomUUID();
      const bytes = Buffer.from(`${id} `.repeat(500));
      const { sha256 } = await blobs.put(id, Readable.from([bytes]), { maxBytes: 1e6, signal: never });
      await stores.files.insert(fileRecord({ id, fileHash: sha256 }), ingestJob(id));
      say(`stored ${id}`);
      await stores.files.saveExtraction(id, 1, extraction(`first of ${id}`, `second of ${id}`));
      const texts = await stores.chunks.textsWithoutEmbedding(id, 'p', 9);
      await stores.chunks.saveEmbeddings('p', texts.map(({ textHash }) => ({ textHash, vector: Float32Array.of(0.6, 0.8) })));
      await stores.files.complete(id, 1, null);
      say(`completed ${id}`);
    }
  };
  await Promise.all(Array.from({ length: 4 }, lane));
}

async function oneUpload(): Promise<void> {
  const stores = await open();
  const blobs = createBlobFs({ dir: join(dir, 'blobs') });
  await stores.checkWritable();
  say('upload begins');
  await blobs.put('the-upload', Readable.from([Buffer.alloc(1000)]), { maxBytes: 1e6, signal: never });
  say('blob acknowledged');
  await stores.files.insert(fileRecord({ id: 'the-upload' }), ingestJob('the-upload'));
  say('row acknowledged');
  await stores.close();
}

/** Says the outcome of forty commits one after another, then of the readiness check. */
async function fortyCommits(): Promise<void> {
  const stores = await open();
  const outcome = (work: Promise<unknown>): Promise<string> => work.then(() => 'ok', codeOf);
  for (let n = 0; n < 40; n += 1) say(await outcome(stores.files.insert(fileRecord(), null)));
  say(`check ${await outcome(stores.checkWritable())}`);
  await stores.close();
}

/** Fills the disk of `dir` with rows and blobs, frees some room, and goes on. */
async function fillDisk(): Promise<void> {
  const stores = await open();
  const blobs = createBlobFs({ dir: join(dir, 'blobs') });
  const kept = fileRecord({ id: 'kept' });
  await stores.files.insert(kept, ingestJob('kept'));
  await blobs.put('ballast', Readable.from([Buffer.alloc(512 * 1024)]), { maxBytes: 1e9, signal: never });
  const putBig = () => blobs.put('big', Readable.from(Array.from({ length: 100 }, () => Buffer.alloc(1024 * 1024))), { maxBytes: 1e9, signal: never });
  say(`blob ${await putBig().then(() => 'ok', codeOf)}`);
  const texts = Array.from({ length: 4000 }, (_, n) => `${n} ${'x'.repeat(2000)}`);
  const saveBig = () => stores.files.saveExtraction('kept', 1, extraction(...texts));
  say(`rows ${await saveBig().then(() => 'ok', codeOf)}`);
  say(`half rows ${(await stores.chunks.ofFile('kept')).length} text ${String(await stores.files.text('kept'))}`);
  await blobs.delete('ballast');
  say(`after: blob ${await blobs.check().then(() => 'ok', codeOf)}, rows ${await stores.checkWritable().then(() => 'ok', codeOf)}`);
  say(`small ${await stores.files.saveExtraction('kept', 1, extraction('fits')).then(String, codeOf)}`);
  say(`reads ${(await stores.chunks.ofFile('kept')).map((chunk) => chunk.text).join()}`);
  await stores.close();
}

async function holdLock(): Promise<void> {
  const lock = await lockDataDir(dir).catch((error: unknown) => error as Error & { code: string });
  if (lock instanceof Error) {
    say(`${lock.code} ${lock.message}`);
    return;
  }
  process.once('SIGTERM', () => void lock.release().then(() => process.exit(0)));
  say('locked');
  setInterval(() => undefined, 60_000);
}

/** Every acknowledged id on stdin must be whole: bytes, row, job or chunks, vectors. Says what is not. */
async function checkAcknowledged(): Promise<void> {
  const lines: string[] = [];
  process.stdin.setEncoding('utf8');
  for await (const piece of process.stdin) lines.push(String(piece));
  const stores = await open();
  const blobs = createBlobFs({ dir: join(dir, 'blobs') });
  const acknowledged = lines.join('').split('\n').map((line) => line.split(' '));
  for (const [state, id = ''] of acknowledged) {
    const file = await stores.files.get(id);
    if (state === 'stored') {
      const hash = createHash('sha256');
      const found = await blobs.open(id).catch(() => null);
      for await (const piece of found?.stream ?? []) hash.update(piece as Buffer);
      if (file === null || hash.digest('hex') !== file.fileHash) say(`lost upload ${id}`);
    }
    if (state !== 'completed') continue;
    const vectors = await stores.chunks.vectors({ fileId: id, version: 1 }, 'p', 0, 9);
    if (file?.status !== 'completed' || vectors.length !== 2) say(`lost ingestion ${id}`);
  }
  await stores.files.repairJobs();
  say(`checked ${acknowledged.length}, repaired again ${await stores.files.repairJobs()}`);
  await stores.close();
}

const modes: Record<string, () => Promise<void>> = { writeUntilKilled, oneUpload, fortyCommits, fillDisk, holdLock, checkAcknowledged };
await modes[mode]?.();
