import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAnswering } from './launch.ts';
import { processTree, residentMb } from './process-info.ts';
import { round } from './statistics.ts';

const POLL_MS = 50;
const IDLE_MS = 5_000;

function treeMb(pid: number): number {
  return processTree(pid).reduce((sum, each) => sum + (residentMb(each) ?? 0), 0);
}

/** A row for the Open WebUI that the environment names, in the columns of the start bench; none when it names none. */
export async function measureOpenWebUi(): Promise<string[][]> {
  const { OPENWEBUI_CMD: command, OPENWEBUI_URL: url, OPENWEBUI_PID: pid } = process.env;
  if (command !== undefined && url !== undefined) return [await started(command, `${url}/health`)];
  if (pid === undefined) return [];
  return [['Open WebUI (running)', '-', '-', '-', '-', round(residentMb(Number(pid)) ?? 0), '(inside)']];
}

async function started(command: string, url: string): Promise<string[]> {
  const startedAt = performance.now();
  const child = spawn('sh', ['-c', command], { stdio: ['ignore', 'ignore', 'inherit'] });
  const exited = once(child, 'exit');
  try {
    while (!(await isAnswering(url))) {
      if (child.exitCode !== null) throw new Error(`OPENWEBUI_CMD ended with code ${child.exitCode}.`);
      await sleep(POLL_MS);
    }
    const healthMs = performance.now() - startedAt;
    await sleep(IDLE_MS);
    return ['Open WebUI', round(healthMs), '-', '-', '-', round(treeMb(child.pid ?? 0)), '(inside)'];
  } finally {
    for (const each of processTree(child.pid ?? 0).reverse()) process.kill(each, 'SIGTERM');
    await exited;
  }
}
