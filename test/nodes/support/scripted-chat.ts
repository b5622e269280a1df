import type { ServerResponse } from 'node:http';

import type { Json } from './engine-types.ts';

const USAGE = { prompt_tokens: 26, completion_tokens: 10, total_tokens: 36 };

/** A completion as Open WebUI sends it: `sources` is its first key. */
export function chatAnswer(body: Json, reply: string, sources: Json[] | undefined): Json {
  return {
    ...(sources ? { sources } : {}),
    id: `${String(body['model'])}-1`,
    created: 1787000000,
    model: body['model'],
    choices: [{ index: 0, logprobs: null, finish_reason: 'stop', message: { role: 'assistant', content: reply } }],
    object: 'chat.completion',
    usage: USAGE,
  };
}

/** The same as server-sent events: the sources first, a comment, letters cut in the middle. */
export function streamAnswer(response: ServerResponse, body: Json, reply: string, sources: Json[] | undefined): void {
  const events: string[] = [];
  if (sources) events.push(JSON.stringify({ sources }));
  for (const letter of reply) {
    const choice = { index: 0, finish_reason: null, delta: { role: 'assistant', content: letter } };
    events.push(JSON.stringify({ id: 'chatcmpl-1', model: body['model'], choices: [choice] }));
  }
  if (reply.startsWith('BROKEN')) {
    events.push(JSON.stringify({ error: { message: 'Chat completion stream failed' } }));
  } else {
    const choice = { index: 0, finish_reason: 'stop', delta: {} };
    events.push(JSON.stringify({ id: 'chatcmpl-1', model: body['model'], choices: [choice], usage: USAGE }));
  }
  const text = `: keep-alive\n\n${events.map((event) => `data: ${event}\n\n`).join('')}data: [DONE]\n\n`;
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  writeInPieces(response, Buffer.from(text, 'utf8'));
}

/** Pieces of seven bytes cut words, events and letters. */
function writeInPieces(response: ServerResponse, bytes: Buffer): void {
  for (let start = 0; start < bytes.length; start += 7) response.write(bytes.subarray(start, start + 7));
  response.end();
}
