import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { startRuntime } from '../test/support/runtime.ts';
import { createApi, fillKnowledge, untilVectorsReady } from './api.ts';
import { makeText } from './corpus.ts';
import { launch, ROOT, WAYS, type Launched } from './launch.ts';
import { cpuSeconds, residentMb } from './process-info.ts';
import { measureOpenWebUi } from './start-openwebui.ts';
import { median, round } from './statistics.ts';
import { printTable } from './table.ts';

/** A server that nobody calls has settled by then. */
const IDLE_MS = 5_000;
const FILLED_CHUNKS = 1_000;

type Start = { healthMs: number; readyMs: number; vectorsMs: number; cpuSeconds: number };
type Idle = { runtimeMb: number; chromaMb: number };

async function chromaPid(dataDir: string): Promise<number> {
  return (JSON.parse(await readFile(join(dataDir, 'chroma.pid.json'), 'utf8')) as { pid: number }).pid;
}

async function startOnce(server: Launched): Promise<Start> {
  const healthMs = await server.untilAnswering('/health');
  const cpu = cpuSeconds(server.pid()) ?? 0;
  const readyMs = await server.untilAnswering('/ready');
  const api = createApi(server.baseUrl, server.apiKey);
  await untilVectorsReady(api);
  api.client.close();
  return { healthMs, readyMs, vectorsMs: server.elapsedMs(), cpuSeconds: cpu };
}

async function idleMemory(server: Launched, dataDir: string): Promise<Idle> {
  await sleep(IDLE_MS);
  return { runtimeMb: residentMb(server.pid()) ?? 0, chromaMb: residentMb(await chromaPid(dataDir)) ?? 0 };
}

/** `filled`: a folder that is used for every run; otherwise each run has an empty one. */
async function measure(way: keyof typeof WAYS, runs: number, filled: string | null): Promise<string[]> {
  const starts: Start[] = [];
  let idle: Idle = { runtimeMb: 0, chromaMb: 0 };
  // The first run only fills the caches of the disk and of the compiler.
  for (let run = 0; run <= runs; run += 1) {
    const dataDir = filled ?? (await mkdtemp(join(tmpdir(), 'bench-start-')));
    const server = await launch(way, dataDir);
    try {
      const start = await startOnce(server);
      if (run > 0) starts.push(start);
      if (run === runs) idle = await idleMemory(server, dataDir);
    } finally {
      await server.stop();
      if (filled === null) await rm(dataDir, { recursive: true, force: true });
    }
  }
  const of = (pick: (start: Start) => number): string => round(median(starts.map(pick)));
  return [of((start) => start.healthMs), of((start) => start.readyMs), of((start) => start.vectorsMs), of((start) => start.cpuSeconds), round(idle.runtimeMb), round(idle.chromaMb)];
}

async function filledFolder(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'bench-filled-'));
  const runtime = await startRuntime({ dataDir });
  const api = createApi(runtime.baseUrl, runtime.apiKey);
  await untilVectorsReady(api);
  await fillKnowledge(api, FILLED_CHUNKS, makeText);
  api.client.close();
  await runtime.stop();
  return dataDir;
}

/** From the start of the process to the first 200, and memory after five idle seconds; the median of the runs. */
export async function benchStart(options: { runs: number }): Promise<void> {
  await promisify(execFile)('npm', ['run', 'build:runtime', '--silent'], { cwd: ROOT });
  const filled = await filledFolder();
  const rows: string[][] = [];
  try {
    for (const way of Object.keys(WAYS)) {
      rows.push([`${way}, empty folder`, ...(await measure(way, options.runs, null))]);
      rows.push([`${way}, ${FILLED_CHUNKS} chunks`, ...(await measure(way, options.runs, filled))]);
    }
  } finally {
    await rm(filled, { recursive: true, force: true });
  }
  rows.push(...(await measureOpenWebUi()));
  printTable('Start and memory at rest', ['', '/health ms', '/ready ms', 'Chroma ready ms', 'CPU s until /health', 'memory MB', 'Chroma MB'], rows);
}
