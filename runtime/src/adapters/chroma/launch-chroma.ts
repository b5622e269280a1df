import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import type { Logger } from '../../ports/logger.ts';
import type { ChromaBinding } from './chroma-binding.ts';
import { cleanEnvironment } from './clean-environment.ts';
import { freePort, isListeningProcess, isPortOpen } from './loopback-port.ts';
import { forgetServer, recordServer } from './orphan.ts';
import { isAnswering } from './watch-heartbeat.ts';

/** Starts in 0.3 s when warm; opening a large folder on a slow disk is given its time. */
const startTimeoutMs = 60_000;
const heartbeatTimeoutMs = 2_000;
const pollMs = 25;
/** Chroma closes its port in milliseconds after SIGTERM unless a request is under way. */
const portCloseTimeoutMs = 5_000;
const exitGraceMs = 3_000;
const keptLines = 5;

export type ChromaExit = { code: number | null; signal: NodeJS.Signals | null };

/** The server ended before it answered; the message has its last words. */
export class EndedWhileStarting extends Error {
  readonly exit: ChromaExit;

  constructor(exit: ChromaExit, lastWords: string) {
    super(`Chroma ended while starting (${exit.signal ?? `exit code ${exit.code}`}). ${lastWords}`.trim());
    this.exit = exit;
  }
}

/**
 * A server that answers. `end()` stops it: SIGTERM, wait for the port to close, grace, SIGKILL; resolves when it is gone.
 * `kill()` is for one that hangs.
 */
export type RunningChroma = { pid: number; port: number; exited: Promise<ChromaExit>; kill(): void; end(): Promise<void> };

export type LaunchOptions = { binding: ChromaBinding; dataDir: string; stateFile: string; logger: Logger };

function drain(stream: Readable, logger: Logger, words: string[]): void {
  createInterface({ input: stream }).on('line', (line) => {
    const text = stripVTControlCharacters(line).trim().slice(0, 2_000);
    // Its banner is a picture made of these.
    if (text === '' || /^[(#\s]+$/.test(text)) return;
    words.push(text);
    if (words.length > keptLines) words.shift();
    logger.debug({ program: 'chroma' }, text);
  });
}

function spawnServer(options: LaunchOptions, port: number): ChildProcess {
  const entry = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './chroma-child.ts' : './chroma-child.js', import.meta.url));
  // A group of its own: Ctrl-C must reach the service only, which finishes its writes first. Its open stdin is the sign that we live.
  return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', entry, options.binding.file, options.dataDir, String(port)], {
    env: cleanEnvironment(process.env),
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
}

async function waitUntilAnswering(pid: number, port: number, signal: AbortSignal): Promise<void> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(startTimeoutMs)]);
  for (;;) {
    if ((await isAnswering(port, deadline, heartbeatTimeoutMs)) && (await isListeningProcess(pid, port))) return;
    deadline.throwIfAborted();
    await sleep(pollMs, undefined, { signal: deadline });
  }
}

async function endServer(child: ChildProcess, port: number, exited: Promise<ChromaExit>): Promise<void> {
  let isGone = false;
  const gone = exited.then(() => {
    isGone = true;
  });
  child.kill('SIGTERM');
  const deadline = performance.now() + portCloseTimeoutMs;
  while (!isGone && performance.now() < deadline && (await isPortOpen(port))) await Promise.race([gone, sleep(pollMs)]);
  const grace = new AbortController();
  await Promise.race([gone, sleep(exitGraceMs, undefined, { signal: grace.signal })]);
  grace.abort();
  if (!isGone) child.kill('SIGKILL');
  await gone;
}

/**
 * Starts Chroma on a free loopback port and resolves when it answers. The folder must exist and be served by nobody else.
 * Throws EndedWhileStarting, or an Error with Chroma's last words when it does not answer in time (nothing is left running), or the signal's reason.
 */
export async function launchChroma(options: LaunchOptions, signal: AbortSignal): Promise<RunningChroma> {
  signal.throwIfAborted();
  const port = await freePort();
  const child = spawnServer(options, port);
  const words: string[] = [];
  if (child.stdout !== null) drain(child.stdout, options.logger, words);
  if (child.stderr !== null) drain(child.stderr, options.logger, words);
  child.stdin?.on('error', () => undefined);
  const exited = new Promise<ChromaExit>((resolve) => {
    child.once('exit', (code, exitSignal) => resolve({ code, signal: exitSignal }));
    child.once('error', (error) => {
      words.push(error.message);
      if (child.pid === undefined) resolve({ code: null, signal: null });
    });
  });
  const lastWords = (): string => words.join(' ');
  let ending: Promise<void> | null = null;
  const end = (): Promise<void> => {
    ending ??= endServer(child, port, exited)
      .then(() => forgetServer(options.stateFile))
      .catch((error: unknown) => options.logger.warn({ err: error }, 'the note about the Chroma process could not be removed'));
    return ending;
  };
  const waiting = new AbortController();
  try {
    if (child.pid === undefined) throw new Error('the process could not be started');
    await recordServer(options.stateFile, child.pid);
    const died = exited.then((exit) => {
      throw new EndedWhileStarting(exit, lastWords());
    });
    await Promise.race([waitUntilAnswering(child.pid, port, AbortSignal.any([signal, waiting.signal])), died]);
    return { pid: child.pid, port, exited, kill: () => void child.kill('SIGKILL'), end };
  } catch (error) {
    waiting.abort();
    await end();
    signal.throwIfAborted();
    if (error instanceof Error && error.name === 'TimeoutError') throw new Error(`Chroma did not answer within ${startTimeoutMs / 1000} s. ${lastWords()}`.trim());
    throw error;
  }
}
