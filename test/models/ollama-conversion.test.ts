import { describe, expect, it } from '@jest/globals';

import { createChunkMaker, ollamaUsage, toChatCompletion } from '../../runtime/src/adapters/models/ollama/from-ollama-chat.ts';
import { toOllamaChat } from '../../runtime/src/adapters/models/ollama/to-ollama-chat.ts';
import type { JsonObject } from '../../runtime/src/domain/json.ts';

const user = { role: 'user', content: 'Hi' };

function optionsOf(request: JsonObject): unknown {
  return toOllamaChat({ messages: [user], ...request }, 'm:latest', false)['options'];
}

describe('a chat request for Ollama', () => {
  it('carries model, messages and stream and nothing it was not given', () => {
    expect(toOllamaChat({ model: 'm', messages: [user] }, 'm:latest', true)).toEqual({ model: 'm:latest', messages: [user], stream: true });
  });

  it('takes params as options and renames the length limit', () => {
    expect(optionsOf({ params: { temperature: 0.1, num_ctx: 4096, max_tokens: 7, system: 'x', function_calling: 'native', custom_params: { mirostat: '2' } } })).toEqual({
      temperature: 0.1,
      num_ctx: 4096,
      num_predict: 7,
      mirostat: 2,
    });
  });

  it('lets options win over params, and the top level over both', () => {
    expect(optionsOf({ params: { seed: 1, top_k: 1, stop: ['a'] }, options: { seed: 2, top_p: 0.2 }, top_p: 0.3, stop: 'END', max_tokens: 9 })).toEqual({
      seed: 2,
      top_k: 1,
      top_p: 0.3,
      stop: ['END'],
      num_predict: 9,
    });
  });

  it('honours top-level sampling keys and max_completion_tokens, which Open WebUI loses', () => {
    expect(optionsOf({ temperature: 0, seed: 5, max_completion_tokens: 3 })).toEqual({ temperature: 0, seed: 5, num_predict: 3 });
  });

  it('lifts format, keep_alive and think to the root, wherever they were given', () => {
    const body = toOllamaChat({ messages: [user], params: { format: 'json', keep_alive: '5m', think: true }, keep_alive: 0 }, 'm', false);
    expect(body).toMatchObject({ format: 'json', keep_alive: 0, think: true });
    expect(body).not.toHaveProperty('options');
  });

  it('turns a JSON schema response format into format, and a reasoning effort into think', () => {
    const schema = { type: 'object', properties: { a: { type: 'string' } } };
    expect(toOllamaChat({ messages: [], response_format: { type: 'json_schema', json_schema: { name: 'x', schema } }, reasoning_effort: 'low' }, 'm', false)).toMatchObject({
      format: schema,
      think: 'low',
    });
    expect(toOllamaChat({ messages: [], reasoning_effort: 'none' }, 'm', false)['think']).toBe(false);
  });

  it('takes images out of data URIs and joins text parts', () => {
    const content = [{ type: 'text', text: 'What' }, { type: 'image_url', image_url: { url: 'data:image/png;base64,QUJD' } }, { type: 'text', text: 'is it?' }];
    expect(toOllamaChat({ messages: [{ role: 'user', content }] }, 'm', false)['messages']).toEqual([{ role: 'user', content: 'What\nis it?', images: ['QUJD'] }]);
  });

  it('refuses an image that would have to be fetched', () => {
    const content = [{ type: 'image_url', image_url: { url: 'http://169.254.169.254/latest' } }];
    expect(() => toOllamaChat({ messages: [{ role: 'user', content }] }, 'm', false)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
  });

  it('tolerates null contents and names the tool of a tool result', () => {
    const messages = [
      { role: 'user', content: null },
      { role: 'assistant', content: null, tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"東京"}' } }] },
      { role: 'tool', tool_call_id: 'call_1', content: '18 C' },
    ];
    expect(toOllamaChat({ messages }, 'm', false)['messages']).toEqual([
      { role: 'user', content: '' },
      { role: 'assistant', content: '', tool_calls: [{ id: 'call_1', function: { index: 0, name: 'weather', arguments: { city: '東京' } } }] },
      { role: 'tool', content: '18 C', tool_call_id: 'call_1', tool_name: 'weather' },
    ]);
  });

  it.each([
    ['messages that are a text', { messages: 'x' }],
    ['a message that is null', { messages: [null] }],
    ['tool arguments that are not JSON', { messages: [{ role: 'assistant', tool_calls: [{ function: { name: 'f', arguments: '{' } }] }] }],
  ])('refuses %s with a sentence', (_what, request) => {
    expect(() => toOllamaChat(request as JsonObject, 'm', false)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
  });
});

const DONE = {
  model: 'm:latest',
  done: true,
  done_reason: 'stop',
  total_duration: 3_725_000_000_000,
  load_duration: 10,
  prompt_eval_count: 26,
  prompt_eval_duration: 130_000_000,
  eval_count: 10,
  eval_duration: 250_000_000,
};

describe('an answer of Ollama', () => {
  it('becomes a chat.completion with Open WebUI\'s keys in its order', () => {
    const completion = toChatCompletion({ ...DONE, message: { role: 'assistant', content: 'Hello' } }, 'm');
    expect(Object.keys(completion)).toEqual(['id', 'created', 'model', 'choices', 'object', 'usage']);
    expect(completion).toMatchObject({
      id: expect.stringMatching(/^m:latest-[0-9a-f-]{36}$/),
      object: 'chat.completion',
      choices: [{ index: 0, logprobs: null, finish_reason: 'stop', message: { role: 'assistant', content: 'Hello' } }],
    });
    expect(Object.keys((completion as { choices: [object] }).choices[0])).toEqual(['index', 'logprobs', 'finish_reason', 'message']);
  });

  it('keeps its counts in usage', () => {
    const usage = ollamaUsage(DONE);
    expect(Object.entries(usage)).toEqual(
      Object.entries({
        input_tokens: 26,
        output_tokens: 10,
        total_tokens: 36,
        prompt_tokens: 26,
        completion_tokens: 10,
        'response_token/s': 40,
        'prompt_token/s': 200,
        total_duration: 3_725_000_000_000,
        load_duration: 10,
        prompt_eval_count: 26,
        prompt_eval_duration: 130_000_000,
        eval_count: 10,
        eval_duration: 250_000_000,
        approximate_total: '1h2m5s',
        completion_tokens_details: { reasoning_tokens: 0, accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 },
      }),
    );
    expect(ollamaUsage({})).toMatchObject({ total_tokens: 0, 'response_token/s': 'N/A' });
  });

  it('reports reasoning, tool calls with JSON arguments, and the length limit', () => {
    const called = toChatCompletion({ ...DONE, message: { content: '', thinking: 'hm', tool_calls: [{ function: { name: 'f', arguments: { a: 1 } } }] } }, 'm');
    expect(called).toMatchObject({
      choices: [
        {
          finish_reason: 'tool_calls',
          message: { reasoning_content: 'hm', tool_calls: [{ index: 0, id: expect.stringMatching(/^call_/), type: 'function', function: { name: 'f', arguments: '{"a":1}' } }] },
        },
      ],
    });
    expect(toChatCompletion({ ...DONE, done_reason: 'length', message: { content: 'x' } }, 'm')).toMatchObject({ choices: [{ finish_reason: 'length' }] });
  });
});

describe('a streamed answer of Ollama', () => {
  const line = (message: JsonObject): JsonObject => ({ model: 'm:latest', message: { role: 'assistant', ...message }, done: false });

  it('becomes chunks of one id, the role in the first, usage and finish reason in the last', () => {
    const maker = createChunkMaker('m');
    const chunks = [line({ content: 'Hel' }), line({ content: 'lo' }), { ...DONE, message: { content: '' } }].flatMap(maker.chunksFor);
    expect(chunks).toHaveLength(3);
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
    expect(chunks[0]?.['id']).toMatch(/^chatcmpl-/);
    expect(JSON.stringify((chunks[0] as { choices: [{ delta: object }] }).choices[0])).toBe('{"index":0,"logprobs":null,"finish_reason":null,"delta":{"content":"Hel","role":"assistant"}}');
    expect(Object.keys(chunks[1] ?? {})).toEqual(['id', 'created', 'model', 'choices', 'object']);
    expect(Object.keys(chunks[2] ?? {})).toEqual(['id', 'created', 'model', 'choices', 'object', 'usage']);
    expect(chunks[2]).toMatchObject({ object: 'chat.completion.chunk', choices: [{ finish_reason: 'stop', delta: {} }] });
  });

  it('does not lose text that the last line still carries, and marks no empty line as the end', () => {
    const maker = createChunkMaker('m');
    const chunks = [line({ content: 'a' }), line({ content: '' }), { ...DONE, message: { content: 'z' } }].flatMap(maker.chunksFor);
    expect(chunks.map((chunk) => (chunk as { choices: [{ delta: { content?: string }; finish_reason: unknown }] }).choices[0])).toMatchObject([
      { delta: { content: 'a' }, finish_reason: null },
      { delta: { content: 'z' }, finish_reason: null },
      { delta: {}, finish_reason: 'stop' },
    ]);
  });

  it('finishes with tool_calls when a tool was called, and numbers the calls', () => {
    const maker = createChunkMaker('m');
    const call = (name: string): JsonObject => line({ content: '', tool_calls: [{ function: { name, arguments: {} } }] });
    const chunks = [call('f'), call('g'), { ...DONE, message: { content: '' } }].flatMap(maker.chunksFor);
    const deltas = chunks.map((chunk) => (chunk as { choices: [{ delta: { tool_calls?: [{ index: number }] } }] }).choices[0].delta);
    expect(deltas.map(({ tool_calls }) => tool_calls?.[0].index)).toEqual([0, 1, undefined]);
    expect(chunks.at(-1)).toMatchObject({ choices: [{ finish_reason: 'tool_calls' }] });
  });
});
