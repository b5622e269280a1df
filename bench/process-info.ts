import { readdirSync, readFileSync } from 'node:fs';

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Resident memory in MB (10^6 bytes), from Linux's /proc; null where there is none or the process is gone. */
export function residentMb(pid: number): number | null {
  const kibibytes = /^VmRSS:\s+(\d+)/mu.exec(read(`/proc/${pid}/status`))?.[1];
  return kibibytes === undefined ? null : (Number(kibibytes) * 1024) / 1e6;
}

/** Seconds of processor time that the process took so far: steadier than the clock on a busy machine. Linux's tick is 10 ms. */
export function cpuSeconds(pid: number): number | null {
  const fields = read(`/proc/${pid}/stat`).split(') ')[1]?.split(' ');
  return fields === undefined ? null : (Number(fields[11]) + Number(fields[12])) / 100;
}

/** The process and everything it started, oldest first. */
export function processTree(root: number): number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name))
    .map((name) => ({ pid: Number(name), parent: Number(read(`/proc/${name}/stat`).split(') ')[1]?.split(' ')[1]) }));
  const childrenOf = (pid: number): number[] => parents.filter(({ parent }) => parent === pid).flatMap((child) => [child.pid, ...childrenOf(child.pid)]);
  return [root, ...childrenOf(root)];
}

export function commandLine(pid: number): string[] {
  return read(`/proc/${pid}/cmdline`).split('\0').filter((part) => part !== '');
}
