import { mkdir, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAppError } from '../../domain/errors.ts';
import type { Logger } from '../../ports/logger.ts';
import type { VectorIndexState } from '../../ports/vector-index.ts';
import { type ChromaBinding, defaultBindingOrder, findChromaBinding } from './chroma-binding.ts';
import { exemptLoopback } from './exempt-loopback.ts';
import { indexUnavailable } from './index-unavailable.ts';
import { type ChromaExit, EndedWhileStarting, launchChroma, type RunningChroma } from './launch-chroma.ts';
import { endOrphan } from './orphan.ts';
import { decideRestart, defaultRestartPolicy, type RestartPolicy } from './restart-policy.ts';
import { defaultHeartbeatPolicy, type HeartbeatPolicy, isFoundHung } from './watch-heartbeat.ts';

export type ChromaProcessOptions = {
  /** Chroma's own folder; made when missing, deleted with everything in it by `wipe`. */
  dataDir: string;
  /** Where the child's process number is noted, outside `dataDir`. */
  stateFile: string;
  logger: Logger;
  /** Package names or absolute files, the first that loads is used; `defaultBindingOrder()` unless given. */
  bindingOrder?: readonly string[];
  restart?: Partial<RestartPolicy>;
  heartbeat?: Partial<HeartbeatPolicy>;
};

/** Starts in a row that failed by the folder, after which it is emptied: the index can be built again, and nothing else mends it. */
const startsUntilEmptied = 3;

type Wipe = { promise: Promise<void>; resolve: () => void; reject: (error: unknown) => void };

/** A crash is the program's own end by a fault; a kill from outside (also for want of memory) says nothing about a collection. */
export function isCrash(exit: ChromaExit): boolean {
  return exit.signal === null ? exit.code !== 0 : !['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP'].includes(exit.signal);
}

/** Whether the folder itself may be to blame: Chroma crashes on a damaged database, and a file may lie where the folder belongs. */
function isFolderFault(error: unknown): boolean {
  if (error instanceof EndedWhileStarting) return isCrash(error.exit);
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  return code === 'EEXIST' || code === 'ENOTDIR';
}

function describeExit(exit: ChromaExit): string {
  return `Chroma ended (${exit.signal ?? `exit code ${exit.code}`}).`;
}

/** Runs one Chroma on one folder: starts it, restarts it with growing pauses when it ends, stops it, and ends what an earlier run left. */
export class ChromaProcess {
  readonly #options: ChromaProcessOptions;
  readonly #policy: RestartPolicy;
  readonly #stopping = new AbortController();
  readonly #stateListeners = new Set<() => void>();
  readonly #exitListeners = new Set<(isCrash: boolean) => void>();
  #state: VectorIndexState = { state: 'starting', reason: null };
  #failure: unknown = null;
  #generation = 0;
  #running: RunningChroma | null = null;
  #loop: Promise<void> | null = null;
  #pause: AbortController | null = null;
  #wipe: Wipe | null = null;
  #spoiltStarts = 0;

  constructor(options: ChromaProcessOptions) {
    // The child's command line, by which an orphan is known again, must not depend on the working directory.
    this.#options = { ...options, dataDir: resolve(options.dataDir) };
    this.#policy = { ...defaultRestartPolicy, ...options.restart };
  }

  state(): VectorIndexState {
    return this.#state;
  }

  generation(): number {
    return this.#generation;
  }

  /** Null unless ready. */
  port(): number | null {
    return this.#state.state === 'ready' ? (this.#running?.port ?? null) : null;
  }

  pid(): number | null {
    return this.#running?.pid ?? null;
  }

  /** Called each time the server ended, with whether it crashed by itself. */
  onExit(listener: (isCrash: boolean) => void): void {
    this.#exitListeners.add(listener);
  }

  /** Returns at once; a second call does nothing. */
  start(): void {
    if (this.#stopping.signal.aborted) throw indexUnavailable('not-running', 'The vector index was stopped.');
    exemptLoopback(process.env);
    this.#loop ??= this.#supervise();
  }

  /** Resolves when no process of ours is left. */
  async stop(): Promise<void> {
    this.#stopping.abort(indexUnavailable('not-running', 'The vector index was stopped.'));
    this.#setState('unavailable', 'The vector index was stopped.');
    await this.#loop;
  }

  /** The error that calls get while not ready. */
  unavailableError(): Error {
    if (isAppError(this.#failure)) return this.#failure;
    return indexUnavailable('not-running', this.#state.reason ?? 'The vector index is starting.');
  }

  async whenReady(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const settled = Promise.withResolvers<void>();
    const check = (): void => {
      if (this.#state.state === 'ready') settled.resolve();
      if (this.#state.state === 'unavailable') settled.reject(this.unavailableError());
    };
    const abort = (): void => settled.reject(signal.reason);
    this.#stateListeners.add(check);
    signal.addEventListener('abort', abort, { once: true });
    check();
    try {
      await settled.promise;
    } finally {
      this.#stateListeners.delete(check);
      signal.removeEventListener('abort', abort);
    }
  }

  /** Stops the server, deletes its folder and starts it anew; resolves when it is ready again. The last resort: every collection is gone. */
  async wipe(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#stopping.signal.aborted || this.#loop === null) throw this.unavailableError();
    const wiped = (this.#wipe ?? this.#beginWipe()).promise;
    const aborted = Promise.withResolvers<never>();
    const abort = (): void => aborted.reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    await Promise.race([wiped, aborted.promise]).finally(() => signal.removeEventListener('abort', abort));
  }

  #beginWipe(): Wipe {
    const wipe = Promise.withResolvers<void>();
    // Whoever asked may be gone by the time it fails.
    wipe.promise.catch(() => undefined);
    this.#wipe = wipe;
    this.#setState('starting', 'The vector index is being emptied.');
    this.#pause?.abort();
    void this.#running?.end();
    return wipe;
  }

  #setState(state: VectorIndexState['state'], reason: string | null, failure: unknown = null): void {
    this.#state = { state, reason };
    this.#failure = failure;
    for (const listener of [...this.#stateListeners]) listener();
  }

  async #supervise(): Promise<void> {
    const { signal } = this.#stopping;
    try {
      const binding = await findChromaBinding(this.#options.bindingOrder ?? defaultBindingOrder(), this.#options.logger, signal);
      for (let failures = 0; !signal.aborted; ) failures = await this.#serve(binding, failures);
    } catch (error) {
      if (!signal.aborted) {
        this.#options.logger.warn({ err: error }, 'the vector index is unavailable');
        this.#setState('unavailable', error instanceof Error ? error.message : String(error), error);
      }
    } finally {
      this.#wipe?.reject(this.unavailableError());
      this.#wipe = null;
    }
  }

  /** One life of the server and the pause after it. Returns the number of failures in a row. */
  async #serve(binding: ChromaBinding, failuresBefore: number): Promise<number> {
    const startedAt = performance.now();
    let failure: unknown;
    try {
      const exit = await this.#live(binding);
      if (exit === null) return 0;
      failure = new Error(describeExit(exit));
    } catch (error) {
      failure = error;
    }
    if (this.#stopping.signal.aborted) return 0;
    const { failures, hasGivenUp, pauseMs } = decideRestart(this.#policy, failuresBefore, performance.now() - startedAt);
    const message = failure instanceof Error ? failure.message : String(failure);
    this.#options.logger.warn({ reason: message, failures, pauseMs }, 'the vector index ended and will be started again');
    const outlook = hasGivenUp ? `It failed ${failures} times in a row; the next try is in ${Math.ceil(pauseMs / 1000)} s.` : 'It is started again.';
    this.#setState(hasGivenUp ? 'unavailable' : 'starting', `${message} ${outlook}`, failure);
    if (hasGivenUp) {
      this.#wipe?.reject(this.unavailableError());
      this.#wipe = null;
    }
    await this.#sleep(pauseMs);
    return failures;
  }

  /** Starts the server and waits for its end. Null when the end was wanted. */
  async #live(binding: ChromaBinding): Promise<ChromaExit | null> {
    const { signal } = this.#stopping;
    const wipe = this.#wipe;
    const startedAt = performance.now();
    const server = await this.#launch(binding, wipe !== null);
    this.#running = server;
    const stop = (): void => void server.end();
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    else if (this.#wipe === wipe) this.#becomeReady(binding, wipe, performance.now() - startedAt);
    else await server.end();
    const exit = await this.#watch(server);
    signal.removeEventListener('abort', stop);
    this.#running = null;
    const wasWanted = signal.aborted || this.#wipe !== null;
    if (!wasWanted) this.#setState('starting', describeExit(exit));
    await server.end();
    for (const listener of this.#exitListeners) listener(!wasWanted && isCrash(exit));
    return wasWanted ? null : exit;
  }

  /** Starts the server on its folder, emptied first when that is asked for or when start after start failed by it. */
  async #launch(binding: ChromaBinding, isWiped: boolean): Promise<RunningChroma> {
    const { dataDir, stateFile, logger } = this.#options;
    await endOrphan(stateFile, dataDir, logger, this.#stopping.signal);
    const isSpoilt = this.#spoiltStarts >= startsUntilEmptied;
    if (isSpoilt) logger.error({ starts: this.#spoiltStarts }, 'the folder of the vector index seems to be damaged: it is emptied, and the index is built anew');
    try {
      if (isWiped || isSpoilt) await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
      await mkdir(dataDir, { recursive: true, mode: 0o700 });
      const server = await launchChroma({ binding, dataDir, stateFile, logger }, this.#stopping.signal);
      this.#spoiltStarts = 0;
      return server;
    } catch (error) {
      this.#spoiltStarts = isFolderFault(error) && !isSpoilt ? this.#spoiltStarts + 1 : 0;
      throw error;
    }
  }

  /** Waits for the server's end, and brings it about when the server hangs. */
  async #watch(server: RunningChroma): Promise<ChromaExit> {
    const watching = new AbortController();
    const hung = isFoundHung(server.port, { ...defaultHeartbeatPolicy, ...this.#options.heartbeat }, watching.signal).then((isHung) => {
      if (!isHung) return;
      this.#options.logger.error({ pid: server.pid }, 'the vector index hangs and is ended');
      server.kill();
    });
    const exit = await server.exited;
    watching.abort();
    await hung;
    return exit;
  }

  #becomeReady(binding: ChromaBinding, wipe: Wipe | null, startMs: number): void {
    this.#generation += 1;
    this.#setState('ready', null);
    this.#options.logger.info({ binding: binding.name, pid: this.#running?.pid, startMs: Math.round(startMs) }, 'the vector index is ready');
    if (wipe === null) return;
    this.#wipe = null;
    wipe.resolve();
  }

  async #sleep(pauseMs: number): Promise<void> {
    // A wipe that came before the pause began must not wait for its end.
    if (this.#wipe !== null) return;
    this.#pause = new AbortController();
    await sleep(pauseMs, undefined, { signal: AbortSignal.any([this.#pause.signal, this.#stopping.signal]) }).catch(() => undefined);
    this.#pause = null;
  }
}
