import { spawn } from 'node:child_process';
import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const KILL_AFTER_MS = 20_000;

export type Finished = { code: number | null; stdout: string; stderr: string };

export type RunOptions = Pick<SpawnOptions, 'cwd'> & { env?: NodeJS.ProcessEnv; timeoutMs?: number };

/** Runs a program to its end and collects what it printed. Rejects only when it cannot be started. */
export async function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const child = spawn(program, args, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: options.env }),
    timeout: options.timeoutMs ?? 300_000,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stdout = collected(child.stdout);
  const stderr = collected(child.stderr);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout: stdout(), stderr: stderr() };
}

/** Like `run`, but an exit code other than 0 is an error that holds the end of the output. */
export async function runOrThrow(program: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const finished = await run(program, args, options);
  if (finished.code === 0) return finished;
  const output = `${finished.stdout}\n${finished.stderr}`.trim().split('\n').slice(-80).join('\n');
  throw new Error(`${program} ${args.join(' ')} ended with code ${finished.code}:\n${output}`);
}

/** Everything that a stream gives from now on, as text. */
export function collected(stream: NodeJS.ReadableStream | null): () => string {
  const parts: Buffer[] = [];
  stream?.on('data', (part: Buffer) => parts.push(part));
  return () => Buffer.concat(parts).toString('utf8');
}

/** SIGTERM to a child, and SIGKILL when it does not end. Resolves when it is gone. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS);
  await exited;
  clearTimeout(timer);
}

/** A loopback port that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Asks again until there is an answer other than undefined. Rejects with the wish in words when time is up. */
export async function eventually<T>(wish: string, ask: () => Promise<T | undefined>, timeoutMs = 60_000): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`After ${timeoutMs / 1000} seconds still waiting: ${wish}`);
    await delay(250);
  }
}
