import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { isAbsolute } from 'node:path';
import { promisify } from 'node:util';
import { AppError } from '../../domain/errors.ts';
import type { Logger } from '../../ports/logger.ts';
import { cleanEnvironment } from './clean-environment.ts';

const run = promisify(execFile);
/** A binding loads in 0.1 s; a cold disk and its 50-400 MB may take far longer. */
const probeTimeoutMs = 60_000;

/** Chroma's server as a native add-on that loads on this machine. */
export type ChromaBinding = { name: string; file: string };

function platformPackage(): string {
  const suffix = { linux: '-gnu', win32: '-msvc' }[process.platform as string] ?? '';
  return `chromadb-js-bindings-${process.platform}-${process.arch}${suffix}`;
}

/** Newest first: what `chromadb` brings, then the older build that a clone of this project installs for older systems. */
export function defaultBindingOrder(): string[] {
  return [platformPackage(), 'chroma-bindings-glibc-2.34'];
}

/** A package may sit beside `chromadb` or beside us, in two versions: both are candidates, chromadb's own first. */
function candidateFiles(name: string): string[] {
  const here = createRequire(import.meta.url);
  const resolvers = [() => createRequire(here.resolve('chromadb')).resolve(name), () => here.resolve(name)];
  const files = resolvers.flatMap((resolve) => {
    try {
      return [resolve()];
    } catch {
      return [];
    }
  });
  return [...new Set(files)];
}

/** Loads it in a process of its own: an add-on built for another system may take the process down. */
async function whyUnloadable(file: string, signal: AbortSignal): Promise<string | null> {
  const script = 'const b = require(process.argv[1]); if (typeof b.cli !== "function") throw new Error("no cli() in it");';
  try {
    await run(process.execPath, ['-e', script, file], { env: cleanEnvironment(process.env), timeout: probeTimeoutMs, signal });
    return null;
  } catch (error) {
    signal.throwIfAborted();
    const { stderr, message } = error as { stderr?: string; message: string };
    return /^\w*Error: (.+)$/m.exec(stderr ?? '')?.[1] ?? message.split('\n')[0] ?? 'it does not load';
  }
}

function advice(problems: readonly string[]): string {
  const versions: Readonly<Record<string, string>> = { x64: '1.0.5', arm64: '1.0.1' };
  const version = versions[process.arch];
  const remedy =
    process.platform === 'linux' && version !== undefined
      ? 'Use an image or system with glibc 2.38 or newer (Debian 13, Ubuntu 24.04), or add the older build, ' +
        `which needs glibc 2.34: npm install ${platformPackage()}@${version}.`
      : 'Use a system that Chroma is built for: Linux with glibc 2.38 or newer, macOS, or Windows.';
  return `Chroma cannot run here. ${remedy} Search works without it, on words and an exact scan. Tried: ${problems.join('; ')}.`;
}

/**
 * The first binding of `order` (package names or absolute file paths) that loads.
 * Throws INDEX_UNAVAILABLE, not retryable, whose message says what to do, when none does.
 */
export async function findChromaBinding(order: readonly string[], logger: Logger, signal: AbortSignal): Promise<ChromaBinding> {
  const problems: string[] = [];
  for (const name of order) {
    const files = isAbsolute(name) ? [name] : candidateFiles(name);
    if (files.length === 0) problems.push(`${name} (not installed)`);
    for (const file of files) {
      const problem = await whyUnloadable(file, signal);
      if (problem === null) return { name, file };
      logger.debug({ binding: name, problem }, 'a Chroma binding does not load');
      problems.push(`${name} (${problem})`);
    }
  }
  throw new AppError('INDEX_UNAVAILABLE', advice(problems), { details: { reason: 'no-binding' } });
}
