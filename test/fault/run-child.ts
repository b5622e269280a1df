import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const CHILD = fileURLToPath(new URL('./storage-child.ts', import.meta.url));

/** Starts the storage child; `wrapper` is a command in front of it (strace and its options). */
export function startChild(mode: string, dir: string, wrapper: readonly string[] = []): ChildProcessWithoutNullStreams {
  const [command = '', ...args] = [...wrapper, process.execPath, CHILD, mode, dir];
  return spawn(command, args, { env: { ...process.env, NODE_OPTIONS: '' } });
}

/** Runs it to its end and returns its lines; throws with its error output unless it ends well. */
export async function runChild(mode: string, dir: string, options: { wrapper?: readonly string[]; input?: string } = {}): Promise<string[]> {
  const child = startChild(mode, dir, options.wrapper);
  let output = '';
  let errors = '';
  child.stdout.on('data', (piece) => { output += String(piece); });
  child.stderr.on('data', (piece) => { errors += String(piece); });
  child.stdin.end(options.input ?? '');
  const [code] = await once(child, 'close') as [number | null];
  if (code !== 0) throw new Error(`${mode} ended with ${code}: ${errors}`);
  return output.split('\n').filter((line) => line !== '');
}

/** Resolves with the first line that the child says. */
export async function firstLine(child: ChildProcessWithoutNullStreams): Promise<string> {
  for await (const piece of child.stdout) return String(piece).split('\n')[0] ?? '';
  throw new Error('the child said nothing');
}
