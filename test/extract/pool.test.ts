import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { startReading } from './reading.ts';
import type { Failure } from './reading.ts';

const LONG = 'The mower stops when it rains and returns to its station. '.repeat(60_000);

describe('the reader', () => {
  it('stops a document over its time and reads the next one', async () => {
    const reading = await startReading({ timeoutMs: 400 });
    await reading.read('warm.txt', 'warm').catch(() => undefined);
    const failure = await reading.failure('long.txt', LONG.repeat(4));
    expect(failure).toMatchObject({ code: 'EXTRACTION_TIMEOUT', isRetryable: false });
    expect(failure.message).toContain('1 s');
    await reading.close();
  });

  it('survives a document that needs too much memory', async () => {
    const reading = await startReading({ maxHeapMb: 24, maxTextChars: 50_000_000 });
    const objects = `[${'{"a":[1,2,3,4,5,6,7,8,9]},'.repeat(600_000)}1]`;
    expect(await reading.failure('big.json', objects)).toMatchObject({ code: 'EXTRACTION_LIMIT', isRetryable: false });
    expect((await reading.read('next.txt', 'next')).text).toBe('next');
    await reading.close();
  });

  it('ends reading and waiting when the signal says so', async () => {
    const reading = await startReading();
    const first = new AbortController();
    const second = new AbortController();
    const codes = [first, second].map((controller) =>
      reading.read('long.txt', LONG, { signal: controller.signal }).then(() => 'read', (error: Failure) => error.code),
    );
    await sleep(50);
    second.abort();
    expect(await codes[1]).toBe('ABORTED');
    first.abort();
    expect(await codes[0]).toBe('ABORTED');
    expect(await reading.read('a.txt', 'x', { signal: AbortSignal.abort() }).catch((error: Failure) => error.code)).toBe('ABORTED');
    expect((await reading.read('next.txt', 'next')).text).toBe('next');
    await reading.close();
  });

  it('reads many documents with few threads, each answer to its own question', async () => {
    const reading = await startReading({ workers: 2 });
    const texts = Array.from({ length: 12 }, (_, index) => `document number ${index}`);
    const read = await Promise.all(texts.map((text) => reading.read('a.txt', text)));
    expect(read.map(({ text }) => text)).toEqual(texts);
    await reading.close();
  });

  it('refuses what waits and what comes after it was closed', async () => {
    const reading = await startReading();
    const waiting = [LONG, LONG].map((text) => reading.read('long.txt', text).catch((error: Failure) => error.code));
    await sleep(50);
    await reading.close();
    expect(await Promise.all(waiting)).toEqual(['ABORTED', 'ABORTED']);
  });

  it('says so when the file is gone', async () => {
    const reading = await startReading();
    const missing = { path: '/nowhere/at/all', filename: 'a.txt', contentType: null, chunkSizeChars: 1000, chunkOverlapChars: 100 };
    const failure = await reading.reader.read(missing, new AbortController().signal).catch((error: Failure) => error);
    expect(failure).toMatchObject({ code: 'EXTRACTION_FAILED' });
    await reading.close();
  });
});
