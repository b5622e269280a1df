import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startRuntime, type RunningRuntime } from '../support/runtime.ts';

const SCRIPT = fileURLToPath(new URL('../../examples/curl/api-guide.sh', import.meta.url));
let runtime: RunningRuntime;
beforeAll(async () => {
  runtime = await startRuntime({ env: { ENV: 'dev' } });
});
afterAll(async () => runtime?.stop());

function run(env: Record<string, string>): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync('bash', [SCRIPT], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], BASE_URL: runtime.baseUrl, EMAIL: runtime.adminEmail, PASSWORD: runtime.adminPassword, IS_DEV: '1', NO_PROXY: '127.0.0.1', ...env },
  });
  return { status, output: stdout + stderr };
}

describe('the calls of the API guide by curl', () => {
  it('are all answered as the API promises, and leave nothing behind', async () => {
    const { status, output } = run({ API_KEY: runtime.apiKey });
    expect(output.split('\n').filter((line) => line.startsWith('WRONG'))).toEqual([]);
    expect([status, output.trimEnd().split('\n').at(-1)]).toEqual([0, expect.stringMatching(/^\d\d calls, 0 wrong$/u)]);
    const files = await fetch(`${runtime.baseUrl}/api/v1/files/count`, { headers: runtime.headers });
    expect(await files.json()).toBe(0);
  });

  it('do not print the key', () => {
    const { output } = run({ API_KEY: 'sk-00000000000000000000000000000000' });
    expect(output).not.toContain('sk-00000000000000000000000000000000');
  });

  it('end with a failure when the server does not answer as promised', () => {
    const { status, output } = run({ API_KEY: 'sk-00000000000000000000000000000000' });
    expect(status).toBe(1);
    expect(output).toMatch(/WRONG: the status should be 200/u);
  });
});
