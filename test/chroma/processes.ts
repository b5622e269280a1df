import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export type Parent = { process: ChildProcess; said: { state: string; chromaPid?: number; reason?: string } };

/** Starts `chroma-parent` on the folder and waits for its first word. */
export async function startParent(folder: string, environment: Record<string, string> = {}): Promise<Parent> {
  const script = fileURLToPath(new URL('./chroma-parent.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, folder], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...environment } });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { process: child, said: JSON.parse(line) as Parent['said'] };
}

export async function killHard(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

/** The living processes (zombies are not) whose command line names the folder as Chroma's. Linux only. */
export async function chromaProcessesOn(dataDir: string): Promise<number[]> {
  const numbers = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    numbers.map(async (pid) => {
      const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      const isServer = commandLine.split('\0').includes(dataDir) && commandLine.includes('chroma-child');
      return isServer ? [Number(pid)] : [];
    }),
  );
  return found.flat();
}

/** Waits for a condition; throws after `timeoutMs`. */
export async function until(isTrue: () => boolean | Promise<boolean>, timeoutMs = 20_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error('waited in vain');
    await sleep(20);
  }
}
