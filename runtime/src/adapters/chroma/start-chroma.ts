import type { VectorIndex } from '../../ports/vector-index.ts';
import { ChromaIndex } from './chroma-index.ts';
import { ChromaProcess, type ChromaProcessOptions } from './chroma-process.ts';

export type StartedChroma = {
  index: VectorIndex & {
    /** The last resort: stops Chroma, deletes its folder and starts it anew; every collection is gone then. See `ChromaIndex.wipe`. */
    wipe(signal: AbortSignal): Promise<void>;
  };
  /** Returns at once; the index becomes ready, or unavailable with a reason, in the background. */
  start(): Promise<void>;
  /** Resolves when Chroma's process is gone. Finish writes before. It cannot be started again. */
  stop(): Promise<void>;
  /** The child's process number, null while none runs. */
  pid(): number | null;
};

/** A vector index in a local Chroma: a child process that is supervised, and the adapter that speaks to it. */
export function startChroma(options: ChromaProcessOptions): StartedChroma {
  const server = new ChromaProcess(options);
  return {
    index: new ChromaIndex(server, options.logger),
    start: async () => server.start(),
    stop: () => server.stop(),
    pid: () => server.pid(),
  };
}
