import assert from 'node:assert/strict';

import type { Cases } from '../n8n/cases.ts';
import { figures, ingestFlood } from '../nodes/support/ingest-flood.ts';
import type { Target } from './client.ts';

/** Many items through Upload File and Add to Knowledge, twice, to a server of which every tenth request fails. */
export async function floodCases(cases: Cases, target: Target, count: number): Promise<void> {
  const operations = [
    { operation: 'upload', again: 'reused' },
    { operation: 'sync', again: 'unchanged' },
  ] as const;
  for (const { operation, again } of operations) {
    await cases.test(`${count} items on ${target.name}, twice, every tenth request failing: each file is there once (${operation})`, async () => {
      const { runs, ...held } = await ingestFlood(target, count, operation);
      process.stdout.write(`# ${operation}: ${runs.map(figures).join('; again: ')}\n`);
      assert.deepEqual(held, { files: count, names: count, linked: count, different: count });
      assert.deepEqual([runs[1]?.uploads, runs[1]?.links], [[again], ['unchanged']]);
    });
  }
}
