import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { join } from 'node:path';

import type { EngineReply, EngineRequest } from './engine-process.ts';
import type {
  Engine,
  EngineOptions,
  HostReport,
  Json,
  ListSearchRequest,
  ListSearchResult,
  PollRequest,
  PollResult,
  RunOptions,
  RunResult,
  WorkflowFile,
  WorkflowNode,
} from './engine-types.ts';

type Waiting = { resolve: (value: unknown) => void; reject: (error: Error) => void };
type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never;

class EngineClient implements Engine {
  private readonly child: ChildProcess;
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;

  constructor(child: ChildProcess) {
    this.child = child;
    child.on('message', (reply: EngineReply) => this.take(reply));
    child.on('exit', (code) => {
      for (const { reject } of this.waiting.values()) reject(new Error(`The engine's process ended with ${String(code)}`));
    });
  }

  async ask(request: WithoutId<EngineRequest>): Promise<unknown> {
    const id = ++this.lastId;
    const answer = new Promise<unknown>((resolve, reject) => this.waiting.set(id, { resolve, reject }));
    this.child.send({ id, ...request });
    return await answer;
  }

  async host(): Promise<HostReport> {
    return (await this.ask({ kind: 'host' })) as HostReport;
  }

  async run(workflow: WorkflowFile, options: RunOptions = {}): Promise<RunResult> {
    return (await this.ask({ kind: 'run', workflow, options })) as RunResult;
  }

  async stop(): Promise<void> {
    await this.ask({ kind: 'stop' });
  }

  async poll(request: PollRequest): Promise<PollResult> {
    return (await this.ask({ kind: 'poll', request })) as PollResult;
  }

  async listSearch(request: ListSearchRequest): Promise<ListSearchResult> {
    return (await this.ask({ kind: 'listSearch', request })) as ListSearchResult;
  }

  async subtitle(node: WorkflowNode): Promise<string> {
    return (await this.ask({ kind: 'subtitle', node })) as string;
  }

  async testCredential(change: Json = {}): Promise<{ ok: boolean; message: string }> {
    return (await this.ask({ kind: 'testCredential', change })) as { ok: boolean; message: string };
  }

  async close(): Promise<void> {
    await this.ask({ kind: 'close' });
    const gone = new Promise((done) => this.child.once('exit', done));
    this.child.disconnect();
    await gone;
  }

  private take(reply: EngineReply): void {
    const waiting = this.waiting.get(reply.id);
    this.waiting.delete(reply.id);
    if (!waiting) return;
    if ('fault' in reply) waiting.reject(Object.assign(new Error(reply.fault.message), reply.fault));
    else waiting.resolve(reply.value);
  }
}

/**
 * As createEngine, but in a process of its own: for jest, whose realm has its own Error and typed
 * arrays, and for engines with different settings side by side.
 */
export async function spawnEngine(options: EngineOptions): Promise<Engine> {
  const child = fork(join(import.meta.dirname, 'engine-process.ts'), { execArgv: ['--import', 'tsx'], stdio: 'inherit' });
  const client = new EngineClient(child);
  await client.ask({ kind: 'create', options });
  return client;
}
