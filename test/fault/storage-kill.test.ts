import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { firstLine, runChild, startChild } from './run-child.ts';

describe('a process killed in the middle of writing', () => {
  it('loses nothing that it had acknowledged, three times in a row', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'kill-'));
    let acknowledged = '';
    for (const afterLines of [5, 60, 200]) {
      const child = startChild('writeUntilKilled', dir);
      let said = '';
      child.stdout.on('data', (piece) => {
        said += String(piece);
        if (said.split('\n').length > afterLines) child.kill('SIGKILL');
      });
      await once(child, 'close');
      expect(child.signalCode).toBe('SIGKILL');
      acknowledged += said.slice(0, said.lastIndexOf('\n') + 1);
    }
    const lines = acknowledged.trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(260);
    expect(await runChild('checkAcknowledged', dir, { input: lines.join('\n') })).toEqual([`checked ${lines.length}, repaired again 0`]);
    await rm(dir, { recursive: true });
  });

  it('leaves its data folder to the next one, which a living process does not', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'lock-'));
    const owner = startChild('holdLock', dir);
    expect(await firstLine(owner)).toBe('locked');
    const [refusal] = await runChild('holdLock', dir);
    expect(refusal).toMatch(new RegExp(`^ALREADY_RUNNING Process ${owner.pid} already uses the data folder ${dir}\\.`));
    owner.kill('SIGKILL');
    await once(owner, 'close');
    const next = startChild('holdLock', dir);
    expect(await firstLine(next)).toBe('locked');
    next.kill('SIGTERM');
    expect((await once(next, 'close'))[0]).toBe(0);
    const last = startChild('holdLock', dir);
    expect(await firstLine(last)).toBe('locked');
    last.kill('SIGKILL');
    await once(last, 'close');
    await rm(dir, { recursive: true });
  });
});
