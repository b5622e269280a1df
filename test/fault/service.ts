import { startScriptedOpenAi } from '../support/scripted-openai.ts';
import type { RunningRuntime } from '../support/runtime.ts';
import { textVector, type ScriptedReply, type ScriptedServer } from '../support/scripted-server.ts';
import { call, createKnowledge, fileForm, uploadText, type Answer } from '../http/contract/client.ts';
import { until } from './kill/server.ts';

export { call, createKnowledge, fileForm, until, uploadText };
export const CHAT_MODEL = 'builtin/extractive';

/** Uploads and does not wait for the processing. */
export async function uploadPending(runtime: RunningRuntime, text: string | Uint8Array, filename: string, metadata?: object, type?: string): Promise<string> {
  const answer = await call(runtime, 'POST', '/api/v1/files/', { form: fileForm(text, filename, metadata, type) });
  if (answer.status !== 200) throw new Error(`The upload answered ${answer.status}: ${answer.text}`);
  return answer.json.id as string;
}

export async function statusOf(runtime: RunningRuntime, id: string): Promise<{ status: string; error?: string }> {
  return (await call(runtime, 'GET', `/api/v1/files/${id}/process/status`)).json as { status: string; error?: string };
}

/** Waits until the file is completed or failed. */
export async function settledStatus(runtime: RunningRuntime, id: string): Promise<{ status: string; error?: string }> {
  let last = await statusOf(runtime, id);
  await until(`file ${id} is processed`, async () => {
    last = await statusOf(runtime, id);
    return last.status === 'completed' || last.status === 'failed';
  }, 45_000);
  return last;
}

export function chat(runtime: RunningRuntime, question: string, files: unknown, key?: string): Promise<Answer> {
  const json = { model: CHAT_MODEL, messages: [{ role: 'user', content: question }], files };
  return call(runtime, 'POST', '/api/chat/completions', { json, ...(key === undefined ? {} : { key }) });
}

export type Note = { name: string; ok: boolean; reason: string | null };

/** What /ready says about the vector index. */
export async function indexNote(runtime: RunningRuntime): Promise<Note> {
  const { json } = await call(runtime, 'GET', '/ready');
  return (json.notes as Note[]).find((note) => note.name === 'index') ?? { name: 'none', ok: false, reason: null };
}

/** The server of the index answers, and what it holds has been looked at: what was damaged is waiting to be built again. */
export async function untilIndexReady(runtime: RunningRuntime): Promise<void> {
  await until('the vector index is ready', async () => (await indexNote(runtime)).ok, 30_000);
  await until('the vector index is checked', async () => (await call(runtime, 'GET', '/metrics')).text.includes('openwebui_rag_vector_index_checked 1\n'), 30_000);
}

export async function untilNoJobs(runtime: RunningRuntime): Promise<void> {
  await until('no job is left', async () => {
    const { text } = await call(runtime, 'GET', '/metrics');
    return /jobs_waiting 0\n/u.test(text) && /jobs_running 0\n/u.test(text);
  }, 30_000);
}

/** A second user with rights of their own: the session token. */
export async function signUp(runtime: RunningRuntime, name: string): Promise<string> {
  const json = { name, email: `${name}@example.com`, password: `${name}-password-1` };
  return (await call(runtime, 'POST', '/api/v1/auths/signup', { key: null, json })).json.token as string;
}

/** A remote embedding server that can be told to be slow or silent, and closed and opened again on its port. */
export type EmbeddingServer = { env: Record<string, string>; mode: 'ok' | 'silent' | 'slow'; requests: ScriptedServer['requests']; close(): Promise<void>; reopen(): Promise<void> };

export async function startEmbeddingServer(): Promise<EmbeddingServer> {
  const state: EmbeddingServer = { env: {}, mode: 'ok', requests: [], close: async () => undefined, reopen: async () => undefined };
  const override = (request: { path: string; body: Record<string, unknown> | null }): ScriptedReply | undefined => {
    if (request.path !== '/v1/embeddings' || state.mode === 'ok') return undefined;
    if (state.mode === 'silent') return { kind: 'no-answer' };
    const texts = [request.body?.['input'] ?? ''].flat();
    const data = texts.map((text, index) => ({ object: 'embedding', index, embedding: textVector(String(text), 32) }));
    return { kind: 'json', delayMs: 1500, body: { object: 'list', model: 'text-embed', data } };
  };
  let server = await startScriptedOpenAi({ override });
  const port = Number(new URL(server.url).port);
  state.requests = server.requests;
  state.env = { RAG_EMBEDDING_ENGINE: 'openai', RAG_OPENAI_API_BASE_URL: server.url, RAG_EMBEDDING_MODEL: 'text-embed' };
  state.close = () => server.close();
  state.reopen = async () => {
    server = await startScriptedOpenAi({ override, port });
    state.requests = server.requests;
  };
  return state;
}
