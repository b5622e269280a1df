import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

type AssertionResult = { fullName: string; status: string; failureMessages: string[] };
type JestReport = { testResults: Array<{ name: string; message: string; assertionResults: AssertionResult[] }>; numRuntimeErrorTestSuites: number };

/** What a run of jest came to. */
export type JestRun = {
  passed: number;
  failed: number;
  /** Titles of the tests that were skipped. */
  skipped: string[];
  /** Titles and messages of what failed; of a file that could not be loaded, its path. */
  failures: Array<{ title: string; message: string }>;
};

export type JestRunOptions = {
  /** Set for the run; undefined removes a variable. */
  env?: Record<string, string | undefined>;
  /** Whether jest's own output is shown; it is by default. */
  shown?: boolean;
  signal?: AbortSignal;
};

const ROOT = join(import.meta.dirname, '..', '..');
const JEST = join(dirname(createRequire(import.meta.url).resolve('jest/package.json')), 'bin', 'jest.js');

function read(report: JestReport): JestRun {
  const tests = report.testResults.flatMap(({ assertionResults }) => assertionResults);
  const titles = (status: string): string[] => tests.filter((test) => test.status === status).map(({ fullName }) => fullName);
  const broken = report.testResults.filter(({ assertionResults, message }) => assertionResults.length === 0 && message !== '');
  const failures = [
    ...tests.filter(({ status }) => status === 'failed').map(({ fullName, failureMessages }) => ({ title: fullName, message: failureMessages.join('\n') })),
    ...broken.map(({ name, message }) => ({ title: name, message })),
  ];
  // A file that cannot even be loaded counts as a failure.
  return { passed: titles('passed').length, failed: titles('failed').length + report.numRuntimeErrorTestSuites, skipped: titles('pending'), failures };
}

/** Runs jest in a process of its own with these arguments. A jest that ends badly without a failed test counts as one failure. */
export async function runJest(args: readonly string[], options: JestRunOptions = {}): Promise<JestRun> {
  const folder = await mkdtemp(join(tmpdir(), 'test-report-'));
  const reportFile = join(folder, 'report.json');
  try {
    const child = spawn(
      process.execPath,
      ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', JEST, '--maxWorkers=3', '--json', `--outputFile=${reportFile}`, ...args],
      { cwd: ROOT, stdio: ['ignore', 'ignore', options.shown === false ? 'ignore' : 'inherit'], env: { ...process.env, ...options.env } },
    );
    const stop = (): void => void child.kill('SIGTERM');
    options.signal?.addEventListener('abort', stop);
    const [exitCode] = (await once(child, 'exit')) as [number | null];
    options.signal?.removeEventListener('abort', stop);
    options.signal?.throwIfAborted();
    const run = read(JSON.parse(await readFile(reportFile, 'utf8')) as JestReport);
    if (exitCode === 0 || run.failed > 0) return run;
    return { ...run, failed: 1, failures: [{ title: 'jest', message: `jest ended with ${String(exitCode)}` }] };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
