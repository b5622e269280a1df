import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
export const TEST_API_KEY = 'sk-0123456789abcdef0123456789abcdef';
const ADMIN = { email: 'admin@example.com', password: 'admin-pass-1' };

export type RunningRuntime = {
  baseUrl: string;
  apiKey: string;
  adminEmail: string;
  adminPassword: string;
  dataDir: string;
  pid: number;
  /** Everything the process printed so far. */
  output(): string;
  /** Resolves with the exit code when the process ends. */
  exited: Promise<number | null>;
  /** Headers with the API key. */
  headers: Record<string, string>;
  /** SIGTERM, waits for the end; removes the data folder unless it was given. */
  stop(): Promise<void>;
  /** kill -9 of the runtime alone; its Chroma lives on. The data folder stays. */
  kill(): Promise<void>;
};

export type RuntimeOptions = { env?: Record<string, string>; dataDir?: string; expectStart?: boolean };

/** Starts the real service as a child process on a free port, offline models, and waits until it listens. */
export async function startRuntime(options: RuntimeOptions = {}): Promise<RunningRuntime> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'runtime-test-')));
  const child = spawn(process.execPath, ['--import', 'tsx', 'runtime/src/main.ts'], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      PORT: '0',
      DATA_DIR: dataDir,
      LOG_LEVEL: 'warn',
      OFFLINE_MODE: 'true',
      WEBUI_ADMIN_EMAIL: ADMIN.email,
      WEBUI_ADMIN_PASSWORD: ADMIN.password,
      WEBUI_ADMIN_API_KEY: TEST_API_KEY,
      ...options.env,
    },
  });
  const lines: string[] = [];
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  const baseUrl = await listening(child, lines, exited);
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await exited;
    if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
  };
  return {
    baseUrl,
    apiKey: TEST_API_KEY,
    adminEmail: ADMIN.email,
    adminPassword: ADMIN.password,
    dataDir,
    pid: child.pid ?? 0,
    output: () => lines.join('\n'),
    exited,
    headers: { authorization: `Bearer ${TEST_API_KEY}` },
    stop,
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

async function listening(child: ChildProcess, lines: string[], exited: Promise<number | null>): Promise<string> {
  let found: (url: string) => void = () => undefined;
  const url = new Promise<string>((resolve) => {
    found = resolve;
  });
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      const match = /listens on (http\S+)/u.exec(line);
      if (match?.[1] !== undefined) found(match[1]);
    });
  }
  const ended = exited.then((code) => {
    throw new Error(`The runtime ended with code ${code} before it listened:\n${lines.join('\n')}`);
  });
  return Promise.race([url, ended]);
}
