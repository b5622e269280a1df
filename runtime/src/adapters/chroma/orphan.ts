import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../../ports/logger.ts';
import { indexUnavailable } from './index-unavailable.ts';
import { identifyProcess, type ProcessIdentity } from './process-identity.ts';

/** Chroma needs milliseconds to end by SIGTERM; one that does not is ended for it. */
const termGraceMs = 3_000;
const killGraceMs = 5_000;

type ServerRecord = { pid: number; startTime: string; parentPid: number; parentStartTime: string };

function isServerRecord(value: unknown): value is ServerRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { pid, startTime, parentPid, parentStartTime } = value as Partial<Record<keyof ServerRecord, unknown>>;
  return Number.isInteger(pid) && Number.isInteger(parentPid) && typeof startTime === 'string' && typeof parentStartTime === 'string';
}

async function readRecord(stateFile: string): Promise<ServerRecord | null> {
  try {
    const value: unknown = JSON.parse(await readFile(stateFile, 'utf8'));
    return isServerRecord(value) ? value : null;
  } catch {
    return null;
  }
}

/** Notes who serves the folder, so that the next start can tell an orphan from an unrelated process with its number. */
export async function recordServer(stateFile: string, pid: number): Promise<void> {
  const [server, parent] = await Promise.all([identifyProcess(pid), identifyProcess(process.pid)]);
  if (server === null || parent === null) return;
  const record: ServerRecord = { pid, startTime: server.startTime, parentPid: process.pid, parentStartTime: parent.startTime };
  await writeFile(`${stateFile}.new`, JSON.stringify(record), { mode: 0o600 });
  await rename(`${stateFile}.new`, stateFile);
}

export async function forgetServer(stateFile: string): Promise<void> {
  await rm(stateFile, { force: true });
}

async function isRunning(pid: number, startTime: string): Promise<boolean> {
  return (await identifyProcess(pid))?.startTime === startTime;
}

/** Whether the process is gone within `waitMs` after the termination signal. */
async function endProcess(
  { pid, startTime }: ServerRecord,
  termination: NodeJS.Signals,
  waitMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    process.kill(pid, termination);
  } catch {
    return !(await isRunning(pid, startTime));
  }
  const deadline = performance.now() + waitMs;
  while (performance.now() < deadline) {
    if (!(await isRunning(pid, startTime))) return true;
    await sleep(25, undefined, { signal });
  }
  return false;
}

function isOurServer(record: ServerRecord, found: ProcessIdentity, dataDir: string): boolean {
  return found.startTime === record.startTime && found.commandLine.includes('chroma-child') && found.commandLine.includes(dataDir);
}

/**
 * Ends a Chroma that an earlier run of ours left behind on `dataDir`, verified by process number, start time and command line.
 * Throws INDEX_UNAVAILABLE when its parent is still alive (two servers would ruin the folder) or when it does not end.
 */
export async function endOrphan(stateFile: string, dataDir: string, logger: Logger, signal: AbortSignal): Promise<void> {
  const record = await readRecord(stateFile);
  const found = record === null ? null : await identifyProcess(record.pid);
  if (record === null || found === null || !isOurServer(record, found, dataDir)) return forgetServer(stateFile);
  if (await isRunning(record.parentPid, record.parentStartTime)) {
    throw indexUnavailable('folder-in-use', `Process ${record.parentPid} already runs a Chroma on this folder.`);
  }
  logger.warn({ pid: record.pid }, 'ending the Chroma that an earlier run left behind');
  const hasEnded =
    (await endProcess(record, 'SIGTERM', termGraceMs, signal)) ||
    (await endProcess(record, 'SIGKILL', killGraceMs, signal));
  if (!hasEnded) throw indexUnavailable('folder-in-use', `An earlier Chroma (process ${record.pid}) does not end.`);
  await forgetServer(stateFile);
}
