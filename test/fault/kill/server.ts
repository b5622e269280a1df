import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
export const ADMIN_KEY = 'sk-fedcba9876543210fedcba9876543210';

/** Should this program fail, nothing is left behind. */
const children = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

export type KillServer = {
  child: ChildProcess;
  /** Resolves with the address; rejects with the output when the process ends first. */
  listening: Promise<string>;
  isOver(): boolean;
  output(): string;
  /** kill -9 of the runtime; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
};

/** Starts the real service on the folder without waiting for it, so that it can be killed while it starts, too. */
export function spawnServer(dataDir: string, env: Record<string, string> = {}): KillServer {
  const child = spawn(process.execPath, ['--import', 'tsx', 'runtime/src/main.ts'], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'], HOME: process.env['HOME'], PORT: '0', DATA_DIR: dataDir, LOG_LEVEL: 'warn', OFFLINE_MODE: 'true',
      // A file that is in work at every kill is not to be given up as the cause of them.
      INGEST_MAX_ATTEMPTS: '100',
      ENABLE_SIGNUP: 'true', DEFAULT_USER_ROLE: 'user', WEBUI_ADMIN_API_KEY: ADMIN_KEY, WEBUI_ADMIN_PASSWORD: 'kill-loop-admin', ...env,
    },
  });
  children.add(child);
  let output = '';
  let isOver = false;
  const exited = once(child, 'exit').then(([code]) => {
    isOver = true;
    children.delete(child);
    return code as number | null;
  });
  const address = Promise.withResolvers<string>();
  address.promise.catch(() => undefined);
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (piece) => {
      output += String(piece);
      const found = /listens on (http\S+)/u.exec(output)?.[1];
      if (found !== undefined) address.resolve(found);
    });
  }
  void exited.then((code) => address.reject(new Error(`The runtime ended with ${code}:\n${output}`)));
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (!isOver) child.kill(signal);
    return exited;
  };
  return {
    child,
    listening: address.promise,
    isOver: () => isOver,
    output: () => output,
    kill: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
  };
}

/** The process number that the runtime noted for its Chroma; null when there is none. */
export async function chromaPid(dataDir: string): Promise<number | null> {
  try {
    const note = JSON.parse(await readFile(join(dataDir, 'chroma.pid.json'), 'utf8')) as { pid: number };
    return note.pid;
  } catch {
    return null;
  }
}

/** kill -9 of the Chroma that serves this folder; the command line is checked, for numbers are used again. */
export async function killChroma(dataDir: string): Promise<boolean> {
  const pid = await chromaPid(dataDir);
  if (pid === null || !(await chromaCommand(pid)).includes(join(dataDir, 'chroma'))) return false;
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}

/** The port is the last argument of Chroma's command line. */
export async function chromaPort(dataDir: string): Promise<number | null> {
  const pid = await chromaPid(dataDir);
  const port = pid === null ? NaN : Number((await chromaCommand(pid)).at(-1));
  return Number.isInteger(port) ? port : null;
}

async function chromaCommand(pid: number): Promise<string[]> {
  const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return text.split('\0').filter((part) => part !== '');
}

/** Waits for a condition; throws with `what` after `timeoutMs`. */
export async function until(what: string, isTrue: () => boolean | Promise<boolean>, timeoutMs = 60_000): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs;
  while (!(await isTrue())) {
    if (performance.now() > deadlineMs) throw new Error(`Waited ${timeoutMs / 1000} s in vain: ${what}`);
    await sleep(50);
  }
}
