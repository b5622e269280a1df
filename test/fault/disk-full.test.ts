import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startRuntime, type RunningRuntime } from '../support/runtime.ts';
import { call, chat, fileForm, settledStatus, uploadPending, uploadText } from './service.ts';

const FULL = { detail: '[ERROR: The server is out of storage space.]' };
let dir = '';
let whyNot: string | null = null;
let runtime: RunningRuntime;

/** A small file system of memory that only the superuser of Linux can make. */
function mount(folder: string): string | null {
  if (process.platform !== 'linux') return 'tmpfs exists on Linux only';
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', folder]);
  return mounted.status === 0 ? null : `no file system could be mounted: ${mounted.error?.message ?? String(mounted.stderr).trim()}`;
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'full-service-'));
  whyNot = mount(dir);
  if (whyNot === null) runtime = await startRuntime({ dataDir: dir, env: { VECTOR_DB: 'none' } });
  else process.stdout.write(`not tested, ${whyNot}\n`);
});
afterAll(async () => {
  await runtime?.stop();
  if (whyNot === null) spawnSync('umount', [dir]);
  await rm(dir, { recursive: true, force: true });
});

/** Takes what is left, to the last byte. */
async function fill(): Promise<void> {
  for (const size of [1024 * 1024, 64 * 1024, 4096]) {
    for (let number = 0; ; number += 1) {
      const failed = await writeFile(join(dir, `ballast-${size}-${number}`), Buffer.alloc(size, 1)).then(() => false, () => true);
      if (failed) break;
    }
  }
}

async function free(): Promise<void> {
  for (const name of await readdir(dir)) if (name.startsWith('ballast-')) await rm(join(dir, name));
}

describe('a full disk', () => {
  it('refuses uploads with 507 and the words of the contract, keeps no half of them, and answers from what is there', async () => {
    if (whyNot !== null) return;
    const known = await uploadText(runtime, 'The tide table hangs behind the door of the pilot house.', 'tide.txt');
    const count = (await call(runtime, 'GET', '/api/v1/files/count')).json;
    const blobs = await readdir(join(dir, 'blobs'));
    await fill();
    for (const text of ['small', 'x'.repeat(3 * 1024 * 1024)]) {
      const answer = await call(runtime, 'POST', '/api/v1/files/', { form: fileForm(text, 'late.txt') });
      expect([answer.status, answer.json]).toEqual([507, FULL]);
    }
    expect((await call(runtime, 'GET', '/api/v1/files/count')).json).toBe(count);
    expect(await readdir(join(dir, 'blobs'))).toEqual(blobs);
    const answer = await chat(runtime, 'Where does the tide table hang?', [{ type: 'file', id: known.id }]);
    expect(answer.json.choices[0].message.content).toContain('behind the door');
  });

  it('is named by /ready, which answers 503 meanwhile', async () => {
    if (whyNot !== null) return;
    const { status, json } = await call(runtime, 'GET', '/ready');
    expect([status, json.ready]).toEqual([503, false]);
    expect(json.checks.filter((check: { ok: boolean }) => !check.ok).map((check: { reason: string }) => check.reason)).toContain('The disk is full, so the file was not saved. Free some space and try again.');
    expect((await call(runtime, 'GET', '/health')).status).toBe(200);
  });

  it('is forgotten when space returns, without a restart', async () => {
    if (whyNot !== null) return;
    await free();
    const id = await uploadPending(runtime, 'The new buoy is painted yellow.', 'buoy.txt');
    expect(await settledStatus(runtime, id)).toEqual({ status: 'completed' });
    expect((await call(runtime, 'GET', '/ready')).status).toBe(200);
  });

  it('that fills up while a file is in work lets the file complete when space returns, or says why it failed', async () => {
    if (whyNot !== null) return;
    const text = Array.from({ length: 4000 }, (_, at) => `Cable ${at} runs from mast ${at % 17} to mast ${at % 23} and carries ${at * 3} volts.`).join(' ');
    const id = await uploadPending(runtime, text, 'cables.txt');
    await fill();
    await free();
    const status = await settledStatus(runtime, id);
    expect([{ status: 'completed' }, { status: 'failed', error: expect.stringMatching(/disk is full/u) }]).toContainEqual(status);
  });
});
