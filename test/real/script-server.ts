import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { collected, freePort } from '../n8n/processes.ts';

const KILL_AFTER_MS = 20_000;
/** The first start installs: 4 minutes were measured, on two cores with a quick network. */
const START_WITHIN_MS = 15 * 60_000;

/** A server that one of the scripts in servers/ runs, or that the caller's environment names. */
export type ScriptServer = {
  /** The `NAME=value` pairs that the script printed. */
  settings: Record<string, string>;
  stop(): Promise<void>;
};

/** Runs servers/<name>.sh on a free port until it prints its settings. Rejects with one line when it cannot be installed or started, or is to stop before. */
export async function startScript(name: string, signal: AbortSignal, env: Record<string, string> = {}): Promise<ScriptServer> {
  signal.throwIfAborted();
  const port = await freePort();
  const child = spawn('bash', [join(import.meta.dirname, 'servers', `${name}.sh`), String(port)], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that whatever an interrupted installation started ends with it.
    detached: true,
  });
  const stderr = collected(child.stderr);
  try {
    return { settings: settingsOf(await firstLine(child, stderr, signal)), stop: () => endGroup(child) };
  } catch (error) {
    await endGroup(child);
    throw error;
  }
}

/** `A=1 B=2` as an object. */
export function settingsOf(line: string): Record<string, string> {
  return Object.fromEntries(line.split(' ').map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
}

async function firstLine(child: ChildProcess, stderr: () => string, signal: AbortSignal): Promise<string> {
  if (child.stdout === null) throw new Error('The script has no output');
  const lines = createInterface({ input: child.stdout });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not ready after ${START_WITHIN_MS / 60_000} minutes`)), START_WITHIN_MS);
  });
  const ended = once(child, 'close').then(([code]) => {
    throw new Error(`it ended with code ${String(code)}: ${stderr().trim().split('\n').at(-1) ?? ''}`);
  });
  // Nobody waits for the loser of the race any more.
  ended.catch(() => undefined);
  try {
    const [line] = (await Promise.race([once(lines, 'line', { signal }), ended, late])) as [string];
    return line;
  } finally {
    clearTimeout(timer);
  }
}

async function endGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const group = -child.pid;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => process.kill(group, 'SIGKILL'), KILL_AFTER_MS);
  await exited;
  clearTimeout(timer);
}
