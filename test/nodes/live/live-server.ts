import { randomUUID } from 'node:crypto';

import { it } from '@jest/globals';

import { call } from '../../real/client.ts';
import type { Answer, CallOptions } from '../../real/client.ts';
import { ECHO_MODEL, startEchoModel } from '../../support/echo-model.ts';
import { startRuntime } from '../../support/runtime.ts';
import { spawnEngine } from '../support/engine-client.ts';
import type { Engine, InputItem, Json, RunOptions, RunResult, WorkflowNode } from '../support/engine-types.ts';
import { chain, locator } from '../support/workflows.ts';

/**
 * The live suite: the nodes in n8n's engine against a real server, one list of tests for all servers.
 *
 * - By default each file starts a runtime, with a quick model that echoes.
 * - With OPENWEBUI_URL and OPENWEBUI_KEY (of an administrator) set it talks to that server, which may be
 *   used by others: every name a test gives contains `server.run`, and close() removes what has it.
 *   OPENWEBUI_CHAT_MODEL and OPENWEBUI_EMBED_MODEL choose models; by default the server's lists decide.
 *
 * Every test passes on all servers. What one of them cannot do is told by `runtimeOnly` and `openWebUiOnly`:
 * the title ends in "(runtime only: reason)", and elsewhere the test is reported as skipped, not as passed.
 *
 * A file:
 *
 *     let server: LiveServer;
 *     beforeAll(async () => { server = await openLiveServer(); }, OPEN_WITHIN_MS);
 *     afterAll(async () => await server.close());
 */
const { OPENWEBUI_URL: url, OPENWEBUI_KEY: key, OPENWEBUI_CHAT_MODEL, OPENWEBUI_EMBED_MODEL } = process.env;
if (url !== undefined && key === undefined) throw new Error('OPENWEBUI_URL needs OPENWEBUI_KEY, an API key of an administrator');

/** Whether the server is the runtime, however it was started: Open WebUI has no metrics and answers with its web page. */
export const isRuntime = url === undefined || ((await fetch(`${url}/metrics`)).headers.get('content-type') ?? '').startsWith('text/plain');

/** Time for a server and an engine to start on a busy machine, in milliseconds. */
export const OPEN_WITHIN_MS = 120_000;

/** Time limit of a test where the server may be a real one with real models, in milliseconds. */
export const TEST_WITHIN_MS = 180_000;

type Test = () => Promise<void>;

/** A test of what only the runtime does; `reason` is what Open WebUI lacks. */
export function runtimeOnly(sentence: string, reason: string, test: Test): void {
  (isRuntime ? it : it.skip)(`${sentence} (runtime only: ${reason})`, test, TEST_WITHIN_MS);
}

/** A test of what only Open WebUI does; `reason` is why the runtime cannot be brought to it. */
export function openWebUiOnly(sentence: string, reason: string, test: Test): void {
  (isRuntime ? it.skip : it)(`${sentence} (Open WebUI only: ${reason})`, test, TEST_WITHIN_MS);
}

/** A server with n8n's engine and the built nodes in front of it. */
export interface LiveServer {
  baseUrl: string;
  apiKey: string;
  engine: Engine;
  /** A random suffix; whatever is made on the server has it in its name. */
  run: string;
  /** A quick chat model: the echo ("You said: ...") where the server has it. */
  chatModel: string;
  /** A real language model where the server has one, Ollama's first, slow on a CPU; the quick one elsewhere. */
  languageModel: string;
  /** A model that embeds through the server's /ollama. */
  embedModel: string;
  /** Runs the nodes one after the other over the items. */
  execute(items: InputItem[], ...nodes: WorkflowNode[]): Promise<RunResult>;
  /** As execute, with options of the engine. */
  executeWith(options: RunOptions, ...nodes: WorkflowNode[]): Promise<RunResult>;
  /** A request past the nodes, to prepare or to check what the server holds. */
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  /** Removes what bears `run` in its name, and stops what was started. */
  close(): Promise<void>;
}

type Endpoint = { name: string; baseUrl: string; apiKey: string; stop(): Promise<void> };

async function ownRuntime(): Promise<Endpoint> {
  const echo = await startEchoModel();
  const runtime = await startRuntime({ env: { OPENAI_API_BASE_URLS: echo.url } });
  const stop = async (): Promise<void> => {
    await runtime.stop();
    await echo.close();
  };
  return { name: 'the runtime', baseUrl: runtime.baseUrl, apiKey: runtime.apiKey, stop };
}

async function removeAll(endpoint: Endpoint, run: string): Promise<void> {
  const bases = (await call(endpoint, 'GET', `/api/v1/knowledge/search?query=${run}`)).json as { items: Array<{ id: string }> };
  for (const { id } of bases.items) await call(endpoint, 'DELETE', `/api/v1/knowledge/${id}/delete`);
  const found = await call(endpoint, 'GET', `/api/v1/files/search?filename=*${run}*&content=false&limit=1000`);
  const files = found.status === 404 ? [] : (found.json as Array<{ id: string }>);
  for (const { id } of files) await call(endpoint, 'DELETE', `/api/v1/files/${id}`);
}

async function modelsOf(endpoint: Endpoint, engine: Engine): Promise<Pick<LiveServer, 'chatModel' | 'languageModel' | 'embedModel'>> {
  const listed = (await call(endpoint, 'GET', '/api/models')).json as { data: Array<{ id: string; owned_by: string }> };
  const embed = await engine.listSearch({ node: 'openWebUiOllamaEmbed', method: 'searchOllamaModels' });
  const ids = listed.data.map(({ id }) => id);
  const languageModel = listed.data.find(({ owned_by }) => owned_by === 'ollama')?.id ?? ids.find((id) => id !== ECHO_MODEL) ?? ECHO_MODEL;
  return {
    chatModel: OPENWEBUI_CHAT_MODEL ?? (ids.includes(ECHO_MODEL) ? ECHO_MODEL : languageModel),
    languageModel,
    embedModel: OPENWEBUI_EMBED_MODEL ?? String(embed.results[0]?.value),
  };
}

/** Opens the server and an engine for one test file; see the comment above. */
export async function openLiveServer(): Promise<LiveServer> {
  const endpoint = url === undefined ? await ownRuntime() : { name: url, baseUrl: url, apiKey: key ?? '', stop: async () => undefined };
  const { baseUrl, apiKey } = endpoint;
  const engine = await spawnEngine({ baseUrl, apiKey });
  const run = randomUUID().slice(0, 8);
  const executeWith = async (options: RunOptions, ...nodes: WorkflowNode[]): Promise<RunResult> => await engine.run(chain(...nodes), options);
  return {
    baseUrl,
    apiKey,
    engine,
    run,
    ...(await modelsOf(endpoint, engine)),
    execute: async (inputItems, ...nodes) => await executeWith({ inputItems }, ...nodes),
    executeWith,
    call: async (method, path, options) => await call(endpoint, method, path, options),
    async close() {
      await engine.close();
      if (url !== undefined) await removeAll(endpoint, run);
      await endpoint.stop();
    },
  };
}

/** An input item with a text file in the field `data`. */
export const textFile = (fileName: string, text: string): InputItem => ({ json: {}, files: { data: { fileName, mimeType: 'text/plain', text } } });

/** One item without fields, where a node takes everything from its parameters. */
export const ONE_ITEM: InputItem[] = [{ json: {} }];

/** The json of the items that a node gave out. */
export const jsons = (result: RunResult, node: string): Json[] => (result.nodes[node]?.items ?? []).map(({ json }) => json);

/** The json of a node's first item; throws the run's error where it failed. */
export function firstOf(result: RunResult, node: string): Json {
  if (result.error) throw new Error(`${result.error.message} ${result.error.description ?? ''}`);
  const [first] = jsons(result, node);
  if (first === undefined) throw new Error(`${node} gave no item`);
  return first;
}

/** The parameter for knowledge bases with one in it, by name. */
export const knowledgeBasesOf = (name: string): Json => ({ values: [{ knowledge: locator('name', name) }] });
