import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'from-source-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** The program that a clone starts, with nothing built and no loader. */
function start(dataDir: string, ...args: string[]): ChildProcess {
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], PORT: '0', VECTOR_DB: 'none', OFFLINE_MODE: 'true', LOG_LEVEL: 'warn', DATA_DIR: dataDir };
  return spawn(process.execPath, ['runtime/from-source.cjs', ...args], { stdio: ['ignore', 'pipe', 'inherit'], env });
}

async function address(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('no output');
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /listens on (http\S+)/u.exec(line)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error('The service ended before it listened.');
}

async function stop(child: ChildProcess): Promise<unknown> {
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  return (await exited)[0];
}

describe('a start from the source', () => {
  it('serves, stops cleanly and keeps the compiled modules where only the owner can write', async () => {
    const dataDir = join(folder, 'data');
    const child = start(dataDir);
    const url = await address(child);
    expect(await (await fetch(`${url}/health`)).json()).toEqual({ status: true });
    expect(await stop(child)).toBe(0);
    const cache = join(dataDir, 'compile-cache');
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
    expect(statSync(cache).mode & 0o777).toBe(0o700);
    expect(readdirSync(cache, { recursive: true }).length).toBeGreaterThan(50);
    const again = start(dataDir);
    expect((await fetch(`${await address(again)}/health`)).status).toBe(200);
    expect(await stop(again)).toBe(0);
  }, 60_000);

  it('makes no folder for a call for help', async () => {
    const dataDir = join(folder, 'help');
    const [code] = await once(start(dataDir, '--help'), 'exit');
    expect(code).toBe(0);
    expect(existsSync(dataDir)).toBe(false);
  }, 30_000);
});
