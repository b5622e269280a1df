import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What tells a process from a later one with the same number. `startTime` is opaque: compare it for equality only. */
export type ProcessIdentity = { startTime: string; commandLine: string };

async function fromProc(pid: number): Promise<ProcessIdentity | null> {
  const [stat, commandLine, bootId] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8'),
    readFile(`/proc/${pid}/cmdline`, 'utf8'),
    readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
  ]);
  // The program's name, in parentheses, may itself hold spaces and parentheses. After it: field 3, the state; field 22, the start.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const isGone = fields[0] === 'Z' || fields[0] === 'X';
  return isGone ? null : { startTime: `${bootId.trim()}/${fields[19] ?? ''}`, commandLine: commandLine.replaceAll('\0', ' ').trim() };
}

async function fromPs(pid: number): Promise<ProcessIdentity | null> {
  const { stdout } = await run('ps', ['-ww', '-o', 'stat=,lstart=,command=', '-p', String(pid)], { env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C' } });
  const match = /^\s*(\S+)\s+(\w{3} \w{3} +\d+ [\d:]+ \d{4})\s+(.*)$/m.exec(stdout);
  if (match === null || match[1]?.startsWith('Z') === true) return null;
  return { startTime: match[2] ?? '', commandLine: match[3] ?? '' };
}

/** Null when no such process runs (a zombie does not), and where nothing can tell (Windows). */
export async function identifyProcess(pid: number): Promise<ProcessIdentity | null> {
  try {
    if (process.platform === 'linux') return await fromProc(pid);
    return process.platform === 'win32' ? null : await fromPs(pid);
  } catch {
    return null;
  }
}
