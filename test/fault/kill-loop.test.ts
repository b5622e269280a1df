import { spawnSync } from 'node:child_process';
import { expect, it } from '@jest/globals';

it('three kills at random moments among uploads, adds and deletions lose nothing, and nothing comes back', () => {
  const run = spawnSync(process.execPath, ['--import', 'tsx', 'test/fault/kill-loop.ts', '--rounds=3', '--files=20'], { encoding: 'utf8' });
  expect(run.stdout).toContain('all invariants hold after 3 rounds');
  expect(run.status).toBe(0);
});
