import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { commandLine, processTree } from './process-info.ts';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const API_KEY = 'sk-0123456789abcdef0123456789abcdef';
const POLL_MS = 5;
const DEADLINE_MS = 120_000;

/** Ways to start the service, as command lines in the repository's root; `node` is the Node that runs the bench. */
export const WAYS: Readonly<Record<string, readonly string[]>> = {
  'npm start': ['npm', 'start', '--silent'],
  'source through tsx': ['node', '--import', 'tsx', 'runtime/src/main.ts'],
  'source, types stripped by Node': ['node', 'runtime/from-source.cjs'],
  built: ['node', 'runtime/bin/openwebui-rag-runtime.cjs'],
};

export type Launched = {
  baseUrl: string;
  apiKey: string;
  /** The process that serves, which below npm is not the one that was started. */
  pid(): number;
  elapsedMs(): number;
  /** Milliseconds from the start until the path answered 200. */
  untilAnswering(path: string): Promise<number>;
  stop(): Promise<void>;
};

/** Starts the service on a free port, offline, and returns at once. */
export async function launch(way: keyof typeof WAYS, dataDir: string): Promise<Launched> {
  const [program = 'node', ...args] = WAYS[way] ?? [];
  const port = await freePort();
  const startedAt = performance.now();
  const child = spawn(program === 'node' ? process.execPath : program, args, {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      PORT: String(port),
      DATA_DIR: dataDir,
      LOG_LEVEL: 'warn',
      OFFLINE_MODE: 'true',
      WEBUI_ADMIN_PASSWORD: 'admin-pass-1',
      WEBUI_ADMIN_API_KEY: API_KEY,
    },
  });
  const baseUrl = `http://127.0.0.1:${port}`;
  const elapsedMs = (): number => performance.now() - startedAt;
  return { baseUrl, apiKey: API_KEY, pid: () => servingPid(child), elapsedMs, untilAnswering: (path) => untilAnswering(`${baseUrl}${path}`, child, elapsedMs), stop: () => stop(child) };
}

async function untilAnswering(url: string, child: ChildProcess, elapsedMs: () => number): Promise<number> {
  while (!(await isAnswering(url))) {
    if (child.exitCode !== null || elapsedMs() > DEADLINE_MS) throw new Error(`${url} did not answer (exit code ${child.exitCode}).`);
    await sleep(POLL_MS);
  }
  return elapsedMs();
}

/** Whether it answers 200 within two seconds. */
export function isAnswering(url: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const request = get(url, { agent: false, timeout: 2_000 }, (response) => {
    response.resume();
    resolve(response.statusCode === 200);
  });
  request.on('error', () => resolve(false));
  request.on('timeout', () => request.destroy());
  return promise;
}

function servingPid(child: ChildProcess): number {
  const root = child.pid ?? 0;
  return processTree(root).find((pid) => /(^|\/)node$/u.test(commandLine(pid)[0] ?? '') && commandLine(pid).some((part) => part.includes('runtime/'))) ?? root;
}

/** SIGTERM to the serving process and waits for the one that was started. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  process.kill(servingPid(child), 'SIGTERM');
  await exited;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
