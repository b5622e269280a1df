import { chatChunk, sse } from './scripted-openai.ts';
import { lastUserText, pieces } from './scripted-server.ts';
import type { RecordedRequest, ScriptedReply } from './scripted-server.ts';

type Message = { role: string; content?: unknown };
type Passage = { text?: string; file?: string; page?: number | string; heading?: string };

/** What a model says after its tool: the best passage with its place, or that there is none. */
function quote(toolAnswer: string): string {
  const found = JSON.parse(toolAnswer) as Passage[];
  const best = found.find(({ text }) => text !== undefined);
  if (best === undefined) return 'The documents do not answer the question.';
  const place = [best.file, ...(best.page === undefined ? [] : [`page ${best.page}`])].join(', ');
  return `${best.text ?? ''} [${place}]`;
}

function toolCall(name: string, query: string): Record<string, unknown> {
  return { id: 'call_scripted', type: 'function', function: { name, arguments: JSON.stringify({ query }) } };
}

/** A call's arguments come in pieces, as real servers send them. */
function callDeltas(name: string, query: string): Record<string, unknown>[] {
  const whole = JSON.stringify({ query });
  const middle = Math.ceil(whole.length / 2);
  const part = (text: string): Record<string, unknown> => ({ tool_calls: [{ index: 0, function: { arguments: text } }] });
  return [
    { role: 'assistant', content: null, tool_calls: [{ index: 0, id: 'call_scripted', type: 'function', function: { name, arguments: '' } }] },
    part(whole.slice(0, middle)),
    part(whole.slice(middle)),
  ];
}

function answered(request: RecordedRequest, message: Record<string, unknown>, deltas: Record<string, unknown>[], finishReason: string): ScriptedReply {
  const model = String(request.body?.['model']);
  if (request.body?.['stream'] !== true) {
    const choice = { index: 0, message: { role: 'assistant', ...message }, logprobs: null, finish_reason: finishReason };
    const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
    return { kind: 'json', body: { id: 'chatcmpl-scripted', object: 'chat.completion', created: 1_700_000_000, model, choices: [choice], usage } };
  }
  const events = [...deltas.map((delta) => chatChunk(model, delta)), chatChunk(model, {}, finishReason), '[DONE]'];
  return { kind: 'chunks', contentType: 'text/event-stream; charset=utf-8', chunks: events.map(sse) };
}

/**
 * For `override` of the scripted OpenAI server: a model that calls its first tool with the user's question as `query`,
 * and then answers with the first passage of the tool's reply and its place in brackets. Chats without tools are left
 * to the server.
 */
export function callsFirstTool(request: RecordedRequest): ScriptedReply | undefined {
  const tools = request.body?.['tools'] as { function: { name: string } }[] | undefined;
  const name = tools?.[0]?.function.name;
  if (request.path !== '/v1/chat/completions' || name === undefined) return undefined;
  const last = (request.body?.['messages'] as Message[]).at(-1);
  if (last?.role === 'tool') {
    const content = quote(String(last.content));
    return answered(request, { content }, [{ role: 'assistant', content: '' }, ...pieces(content).map((piece) => ({ content: piece }))], 'stop');
  }
  const query = lastUserText(request.body);
  return answered(request, { content: null, tool_calls: [toolCall(name, query)] }, callDeltas(name, query), 'tool_calls');
}

/** The same model, for `override` of the scripted Ollama server. */
export function ollamaCallsFirstTool(request: RecordedRequest): ScriptedReply | undefined {
  const tools = request.body?.['tools'] as { function: { name: string } }[] | undefined;
  const name = tools?.[0]?.function.name;
  if (request.path !== '/api/chat' || name === undefined) return undefined;
  const last = (request.body?.['messages'] as Message[]).at(-1);
  const message =
    last?.role === 'tool'
      ? { role: 'assistant', content: quote(String(last.content)) }
      : { role: 'assistant', content: '', tool_calls: [{ function: { name, arguments: { query: lastUserText(request.body) } } }] };
  const line = { model: request.body?.['model'], created_at: '2026-01-02T03:04:05Z', message };
  const end = { done: true, done_reason: 'stop', prompt_eval_count: 1, eval_count: 1 };
  if (request.body?.['stream'] === false) return { kind: 'json', body: { ...line, ...end } };
  const lines = [{ ...line, done: false }, { ...line, message: { role: 'assistant', content: '' }, ...end }];
  return { kind: 'chunks', contentType: 'application/x-ndjson', chunks: lines.map((entry) => `${JSON.stringify(entry)}\n`) };
}
