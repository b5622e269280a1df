import { createEngine } from './engine.ts';
import type { Engine, EngineOptions, Json, ListSearchRequest, PollRequest, RunOptions, WorkflowFile, WorkflowNode } from './engine-types.ts';

/** What the parent asks for. Requests are numbered, answers bear the same number. */
export type EngineRequest =
  | { id: number; kind: 'create'; options: EngineOptions }
  | { id: number; kind: 'host' }
  | { id: number; kind: 'run'; workflow: WorkflowFile; options: RunOptions }
  | { id: number; kind: 'stop' }
  | { id: number; kind: 'poll'; request: PollRequest }
  | { id: number; kind: 'listSearch'; request: ListSearchRequest }
  | { id: number; kind: 'subtitle'; node: WorkflowNode }
  | { id: number; kind: 'testCredential'; change: Json }
  | { id: number; kind: 'close' };

/** The outcome of a request. */
export type EngineReply = { id: number; value: unknown } | { id: number; fault: { name: string; message: string; description?: string } };

let engine: Engine | undefined;

async function answer(request: EngineRequest): Promise<unknown> {
  if (request.kind === 'create') {
    engine = await createEngine(request.options);
    return null;
  }
  if (!engine) throw new Error('The engine is not there yet');
  if (request.kind === 'host') return await engine.host();
  if (request.kind === 'run') return await engine.run(request.workflow, request.options);
  if (request.kind === 'stop') return await engine.stop();
  if (request.kind === 'poll') return await engine.poll(request.request);
  if (request.kind === 'listSearch') return await engine.listSearch(request.request);
  if (request.kind === 'subtitle') return await engine.subtitle(request.node);
  if (request.kind === 'testCredential') return await engine.testCredential(request.change);
  await engine.close();
  return null;
}

function faultOf(error: unknown): { name: string; message: string; description?: string } {
  const { name, message, description } = error as { name: string; message: string; description?: string };
  return { name, message, ...(typeof description === 'string' ? { description } : {}) };
}

process.on('message', (request: EngineRequest) => {
  const { id } = request;
  answer(request).then(
    (value) => process.send?.({ id, value } satisfies EngineReply),
    (error: unknown) => process.send?.({ id, fault: faultOf(error) } satisfies EngineReply),
  );
});

// A parent that is gone needs no engine.
process.on('disconnect', () => process.exit(0));
