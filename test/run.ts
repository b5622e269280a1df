/**
 * `npm test`: runs jest over all quick lanes, then the node tests once more with n8n 2.0 and files in memory instead of n8n 2.41
 * and files on disk. Ends in one line, `N passed, N failed`. With arguments for jest there is one run.
 */
import type { JestRun } from './support/jest-run.ts';
import { runJest } from './support/jest-run.ts';

const OLDER_HOST = { N8N_CORE: '2.0', N8N_BINARY_MODE: 'memory' };

const chosen = process.argv.slice(2);
const runs = [await runJest(chosen)];
if (chosen.length === 0) {
  process.stderr.write('\nThe node tests with n8n 2.0 and files in memory\n');
  runs.push(await runJest(['test/nodes'], { env: OLDER_HOST }));
}
const sum = (count: (run: JestRun) => number): number => runs.reduce((total, run) => total + count(run), 0);
const failed = sum((run) => run.failed);
const skipped = sum((run) => run.skipped.length);
process.stdout.write(`${sum((run) => run.passed)} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
process.exitCode = failed > 0 ? 1 : 0;
