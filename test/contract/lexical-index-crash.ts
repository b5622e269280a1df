import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { packTerms } from '../../runtime/src/domain/packed-terms.ts';
import { createLexicalIndex } from '../../runtime/src/adapters/lexical/lexical-index.ts';

/**
 * Run by lexical-index.test.ts as a process of its own (jest hides the real `process` events): ends the index's worker from outside
 * and prints what callers then see. Takes the folder for the index.
 */
const dir = process.argv[2] ?? '';
const signal = new AbortController().signal;
const workers: Worker[] = [];
process.on('worker', (worker) => workers.push(worker));

let lostCount = 0;
const index = createLexicalIndex({ dir, quietMs: 10, onWorkerLost: () => (lostCount += 1) });
const search = async (): Promise<unknown> => {
  try {
    return (await index.search('kb', [['engine', 1]], 5, signal)).map((hit) => hit.chunkId);
  } catch (error) {
    const { code, isRetryable } = error as { code?: unknown; isRetryable?: unknown };
    return { code, isRetryable };
  }
};

await index.addFile('kb', { fileId: 'f', version: 1 }, [{ chunkId: 'f.1.0', terms: packTerms([['engine', 2]]) }]);
while (!existsSync(join(dir, 'kb.bin'))) await delay(10);
const ended = workers[0]?.terminate();
const pending = await search();
await ended;
const afterwards = await search();
await index.close();
console.log(JSON.stringify({ pending, afterwards, lostCount, workerCount: workers.length }));
