import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { runChild } from './run-child.ts';

/** Why these tests cannot run here; null when they can. */
function missing(): string | null {
  if (process.platform !== 'linux') return 'strace exists on Linux only';
  const probe = spawnSync('strace', ['-o', '/dev/null', 'true']);
  return probe.status === 0 ? null : `strace does not work here: ${probe.error?.message ?? String(probe.stderr).trim()}`;
}

const reason = missing();
const test = reason === null ? it : it.skip;
const why = reason === null ? '' : ` (skipped: ${reason})`;

/** System calls between two lines of the child, in order, as `name path`. */
function callsBetween(trace: string, dir: string, from: string, to: string): string[] {
  const lines = trace.split('\n');
  const start = lines.findIndex((line) => line.includes(`"${from}`));
  const end = lines.findIndex((line) => line.includes(`"${to}`));
  expect([start >= 0, end > start]).toEqual([true, true]);
  return lines.slice(start + 1, end).flatMap((line) => {
    const name = /(\w+)\(/.exec(line)?.[1];
    const path = /[<"]([^<>"]*)[>"]/.exec(line.slice(line.indexOf('(')))?.[1];
    return name === undefined || path === undefined || !path.startsWith(dir) ? [] : [`${name} ${path.slice(dir.length)}`];
  });
}

describe('durability', () => {
  test(`acknowledges a blob and a row only after the syncs that make them survive a power cut${why}`, async () => {
    const dir = await realpath(await mkdtemp(join(tmpdir(), 'sync-')));
    const log = join(dir, 'trace');
    await runChild('oneUpload', dir, { wrapper: ['strace', '-f', '-y', '-o', log, '-e', 'trace=fsync,fdatasync,rename,renameat,renameat2,write,pwrite64'] });
    const trace = await readFile(log, 'utf8');
    const blob = callsBetween(trace, dir, 'upload begins', 'blob acknowledged').map((call) => call.replace(/\.[0-9a-f-]{36}\.part/, '.part'));
    expect(blob).toEqual([
      expect.stringMatching(/^p?write\w* \/blobs\/the-upload\.part$/),
      'fsync /blobs/the-upload.part',
      expect.stringMatching(/^rename\w* \/blobs\/the-upload\.part$/),
      'fsync /blobs',
    ]);
    const row = callsBetween(trace, dir, 'blob acknowledged', 'row acknowledged');
    expect(row.length).toBeGreaterThan(1);
    expect(row.slice(0, -1).every((call) => call === 'pwrite64 /runtime.db-wal')).toBe(true);
    expect(row.at(-1)).toMatch(/^f(data)?sync \/runtime\.db-wal$/);
    await rm(dir, { recursive: true });
  });

  test(`writes nothing any more after the disk failed to confirm a commit${why}`, async () => {
    const dir = await realpath(await mkdtemp(join(tmpdir(), 'sync-')));
    const wrapper = ['strace', '-f', '-o', '/dev/null', '-P', join(dir, 'runtime.db-wal'), '-e', 'trace=fsync,fdatasync',
      '-e', 'inject=fsync,fdatasync:error=EIO:when=25'];
    const outcomes = await runChild('fortyCommits', dir, { wrapper });
    const failed = outcomes.indexOf('STORAGE_FAILED');
    expect(failed).toBeGreaterThan(0);
    expect(outcomes.slice(0, failed).every((outcome) => outcome === 'ok')).toBe(true);
    expect(outcomes.slice(failed, 40).every((outcome) => outcome === 'STORAGE_FAILED')).toBe(true);
    expect(outcomes[40]).toBe('check STORAGE_FAILED');
    await rm(dir, { recursive: true });
  });
});
