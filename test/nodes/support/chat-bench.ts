import { openBench } from './bench.ts';
import type { Json, NodeRun, RunOptions, RunResult } from './engine-types.ts';
import type { ScriptedOpenWebUi } from './scripted-open-webui.ts';
import { chain, locator, ourNode } from './workflows.ts';

export const CHAT_PATH = '/api/chat/completions';

/** The Chat Completion node in n8n's engine, in front of a scripted Open WebUI. */
export interface ChatBench {
  server: ScriptedOpenWebUi;
  /** Runs the node alone; `more` holds fields of the node such as onError. */
  chat(parameters: Json, options?: RunOptions, more?: Json): Promise<RunResult>;
  /** The body of a request for an answer, the first by default. */
  sent(index?: number): Json;
}

/** Opens a bench for the tests of one file. */
export function openChatBench(): ChatBench {
  const bench = openBench();
  const { server } = bench;
  const base = { model: locator('id', 'llama3.2:latest'), prompt: 'How long is the warranty?' };
  return {
    server,
    chat: async (parameters, options = {}, more = {}) => await bench.engine.run(chain(ourNode('ChatCompletion', { ...base, ...parameters }, more)), options),
    sent: (index = 0) => server.seen('POST', CHAT_PATH)[index]?.body as Json,
  };
}

/** What the node did in a run. */
export function nodeRun(result: RunResult): NodeRun {
  const run = result.nodes['ChatCompletion'];
  if (!run) throw new Error(`Chat Completion did not run: ${result.error?.message ?? result.status}`);
  return run;
}

/** The json of the first item of an output, the first output by default. */
export const outputOf = (result: RunResult, output = 0): Json => nodeRun(result).outputs[output]?.[0]?.json ?? {};

/** The hints of the node in one text. */
export const hintsOf = (result: RunResult): string => nodeRun(result).hints.join('\n');

/** A completion with the given message and, where wanted, more fields such as sources. */
export const completion = (content: unknown, more: Json = {}): Json => ({
  ...more,
  model: 'llama3.2:latest',
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content } }],
});

/** Server-sent events as text; the end mark is added. */
export const events = (...list: Json[]): string => [...list.map((event) => JSON.stringify(event)), '[DONE]'].map((data) => `data: ${data}\n\n`).join('');

/** How the scripted server answers with events. */
export const asEvents = (body: string): { status: number; body: string; headers: Record<string, string> } => ({ status: 200, body, headers: { 'content-type': 'text/event-stream' } });

/** One event with a piece of the answer. */
export const piece = (delta: Json, more: Json = {}): Json => ({ model: 'llama3.2:latest', choices: [{ index: 0, finish_reason: null, delta }], ...more });

/** The event that ends an answer. */
export const lastPiece = (reason = 'stop'): Json => ({ model: 'llama3.2:latest', choices: [{ index: 0, finish_reason: reason, delta: {} }], usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } });

/** An entry of the server's `sources` for an attachment, with passages and their scores. */
export const sourceEntry = (source: Json, passages: Array<[text: string, score: number]>): Json => ({
  source,
  document: passages.map(([text]) => text),
  metadata: passages.map(([text]) => ({ name: `${text}.txt`, file_id: `id of ${text}` })),
  distances: passages.map(([, score]) => score),
});
