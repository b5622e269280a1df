/** `npm test`: runs jest over all quick lanes and ends in one line, `N passed, N failed`. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

type JestReport = { numPassedTests: number; numFailedTests: number; numPendingTests: number; numRuntimeErrorTestSuites: number };

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const jest = join(dirname(createRequire(import.meta.url).resolve('jest/package.json')), 'bin', 'jest.js');
const folder = await mkdtemp(join(tmpdir(), 'test-report-'));
const reportFile = join(folder, 'report.json');

const child = spawn(
  process.execPath,
  ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', jest, '--maxWorkers=2', '--json', `--outputFile=${reportFile}`, ...process.argv.slice(2)],
  { cwd: root, stdio: ['inherit', 'ignore', 'inherit'] },
);
const [exitCode] = (await once(child, 'exit')) as [number | null];
const report = JSON.parse(await readFile(reportFile, 'utf8')) as JestReport;
await rm(folder, { recursive: true });

// A file that cannot even be loaded counts as a failure.
const failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
const skipped = report.numPendingTests > 0 ? `, ${report.numPendingTests} skipped` : '';
process.stdout.write(`${report.numPassedTests} passed, ${failed} failed${skipped}\n`);
process.exitCode = failed > 0 ? 1 : (exitCode ?? 1);
