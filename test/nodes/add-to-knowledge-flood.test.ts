import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { RunningRuntime } from '../support/runtime.ts';
import { startRuntime } from '../support/runtime.ts';
import { figures, ingestFlood } from './support/ingest-flood.ts';

/** As many as take a few seconds; the real lane (test/real) does the same with 1,000. */
const COUNT = Number(process.env['FLOOD_ITEMS'] ?? 200);

let runtime: RunningRuntime;

beforeAll(async () => {
  runtime = await startRuntime();
}, 120_000);

afterAll(async () => await runtime.stop());

describe(`${COUNT} items through Upload File and Add to Knowledge, twice, while every tenth request fails`, () => {
  it.each([
    ['upload', 'uploaded', 'reused'],
    ['sync', 'added', 'unchanged'],
  ] as const)('leave each file once on the server and once in the knowledge base, with the operation %s', async (operation, first, second) => {
    const target = { name: 'the runtime', baseUrl: runtime.baseUrl, apiKey: runtime.apiKey };
    const flood = await ingestFlood(target, COUNT, operation);
    expect(flood).toMatchObject({ files: COUNT, names: COUNT, linked: COUNT, different: COUNT });
    const [one, two] = flood.runs;
    // Where Retry On Fail ran a node again, it found some of its own files.
    expect(one?.uploads).toContain(first);
    expect(one?.links).toContain('added');
    expect([two?.uploads, two?.links]).toEqual([[second], ['unchanged']]);
    expect(one?.faults).toBeGreaterThan(10);
    process.stderr.write(`${operation}: ${flood.runs.map(figures).join('; again: ')}\n`);
  }, 600_000);
});
