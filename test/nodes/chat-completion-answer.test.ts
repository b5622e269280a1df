import { describe, expect, it } from '@jest/globals';

import { asEvents, CHAT_PATH, completion, events, hintsOf, lastPiece, nodeRun, openChatBench, outputOf, piece } from './support/chat-bench.ts';
import type { Json, RunResult } from './support/engine-types.ts';
import { newerHostOnly } from './support/hosts.ts';

const { server, chat, sent } = openChatBench();

const streamed = (result: RunResult): string => result.chunks.map(({ content }) => content ?? '').join('');
const stream = async (...list: Json[]): Promise<RunResult> => {
  server.script('POST', CHAT_PATH, asEvents(events(...list)));
  return await chat({}, { streaming: true });
};

const DETAILS = '<details type="reasoning" done="true" duration="3">\n<summary>Thought for 3 seconds</summary>\n&gt; Is 2 &lt; 3?\n&gt; Yes.\n</details>\n';

describe('The reasoning of a model', () => {
  it.each<[string, string, string]>([
    ['<think>', '<think>Let me see.</think>\nTwo years.', 'Let me see.'],
    ['<thinking>', '\n<thinking>\nLet me see.\n</thinking>Two years.', 'Let me see.'],
    ['the <details> of Open WebUI', `${DETAILS}Two years.`, 'Is 2 < 3?\nYes.'],
    ['<reason>', '<reason>Let me see.</reason>Two years.', 'Let me see.'],
    ['<thought>', '<thought>Is 3 > 2?\n</thought>Two years.', 'Is 3 > 2?'],
    ['several blocks', `<think>a</think>${DETAILS}Two years.`, 'a\nIs 2 < 3?\nYes.'],
  ])('is kept apart from the answer, and not passed on to whoever chats: %s', async (_name, reply, reasoning) => {
    server.reply = reply;
    expect(outputOf(await chat({}))).toMatchObject({ content: 'Two years.', reasoning });
    const result = await chat({}, { streaming: true });
    expect(outputOf(result)).toMatchObject({ content: 'Two years.', reasoning });
    expect(streamed(result)).toBe('Two years.');
  });

  it.each(['<thing> is a tag', '  <', '<think>without an end', '<details><summary>More</summary>Text</details>', 'Two <think>years</think>.'])('is not seen where there is none: %s', async (reply) => {
    server.reply = reply;
    const result = await chat({}, { streaming: true });
    expect(outputOf(result)).toMatchObject({ content: reply });
    expect(outputOf(result)).not.toHaveProperty('reasoning');
    expect(streamed(result)).toBe(reply);
  });

  it('is taken from the field of its own that servers have for it, streamed and not', async () => {
    const message = { role: 'assistant', content: '二年です。', reasoning_content: '考えます。' };
    server.script('POST', CHAT_PATH, { status: 200, body: { ...completion(''), choices: [{ message, finish_reason: 'stop' }] } });
    expect(outputOf(await chat({}))).toMatchObject({ content: '二年です。', reasoning: '考えます。' });
    const result = await stream(piece({ reasoning_content: '考え' }), piece({ reasoning_content: 'ます。' }), piece({ content: '二年です。' }), lastPiece());
    expect(outputOf(result)).toMatchObject({ content: '二年です。', reasoning: '考えます。' });
    expect(streamed(result)).toBe('二年です。');
  });
});

describe('An answer in parts, as some model servers give it', () => {
  const thinking = { type: 'thinking', thinking: [{ type: 'text', text: '考えます。' }] };

  it('is joined, with the thoughts kept apart, streamed and not', async () => {
    server.script('POST', CHAT_PATH, { status: 200, body: completion([thinking, { type: 'text', text: '二年' }, { type: 'text', text: 'です。' }]) });
    expect(outputOf(await chat({}))).toMatchObject({ content: '二年です。', reasoning: '考えます。' });
    const result = await stream(piece({ content: [thinking] }), piece({ content: [{ type: 'text', text: '二年' }] }), piece({ content: 'です。' }), lastPiece());
    expect(outputOf(result)).toMatchObject({ content: '二年です。', reasoning: '考えます。' });
    expect(streamed(result)).toBe('二年です。');
  });
});

describe('Calls of tools that the server leaves to the caller', () => {
  it('are put together from their pieces', async () => {
    const call = (more: Json): Json => ({ tool_calls: [{ index: 0, ...more }] });
    server.script('POST', CHAT_PATH, asEvents(events(piece(call({ id: 'c1', type: 'function', function: { name: 'add', arguments: '{"a":' } })), piece(call({ function: { arguments: '1}' } })), lastPiece('tool_calls'))));
    const tools = [{ type: 'function', function: { name: 'add', parameters: {} } }];
    const result = await chat({ options: { additionalBodyFields: { tools } } }, { streaming: true });
    expect(outputOf(result)).toMatchObject({ content: '', finishReason: 'tool_calls', toolCalls: [{ id: 'c1', function: { name: 'add', arguments: '{"a":1}' } }] });
    expect(hintsOf(result)).toBe('');
  });
});

describe('A fault that Open WebUI loses in the stream (trap 12)', () => {
  const fault = { model: 'ollama', choices: [{ index: 0, finish_reason: 'stop', delta: {} }] };

  it('fails the item in the middle of an answer', async () => {
    const { error } = await stream(piece({ content: 'The warranty' }), fault);
    expect(error).toMatchObject({ name: 'NodeOperationError', message: 'The model server reported a fault in the middle of the answer, and Open WebUI did not pass it on' });
    expect(error?.description).toContain('log of Open WebUI');
  });

  it('fails the item before the first word', async () => {
    expect((await stream(fault)).error?.message).toContain('reported a fault');
  });

  it('is not seen in the last piece of a whole answer', async () => {
    expect(outputOf(await stream(piece({ content: 'Two years.' }), lastPiece()))).toMatchObject({ content: 'Two years.' });
  });

  it('is suspected in an empty answer, streamed and not', async () => {
    expect(hintsOf(await stream(lastPiece()))).toContain('the answer is empty');
    server.script('POST', CHAT_PATH, { status: 200, body: completion('') });
    expect(hintsOf(await chat({}))).toContain('the answer is empty');
  });
});

describe('The tokens of an answer', () => {
  newerHostOnly('are shown by n8n in sum, under either name of the server', 'n8n 2.0 shows no tokens', async () => {
    const usage = { input_tokens: 7, output_tokens: 5 };
    server.script('POST', CHAT_PATH, { status: 200, body: completion('Two years.', { usage }), times: 1 });
    const result = await chat({}, { inputItems: [{ json: {} }, { json: {} }] });
    expect(nodeRun(result).tokenUsage).toEqual({ inputTokens: 7 + 26, outputTokens: 5 + 10 });
    expect(outputOf(result)['usage']).toEqual({ promptTokens: 7, completionTokens: 5, totalTokens: 12 });
  });
});

describe('An answer that was cut off', () => {
  it('is told by a hint', async () => {
    expect(hintsOf(await stream(piece({ content: 'Two' }), lastPiece('length')))).toContain('cut off at the limit of tokens. Raise Options > Max Tokens.');
  });

  it('is explained when reasoning has used all the tokens', async () => {
    expect(hintsOf(await stream(piece({ reasoning_content: 'Hm.' }), lastPiece('length')))).toContain('used all its tokens for reasoning');
  });

  it('in the middle of a thought gives the thought as one, and nothing to whoever chats', async () => {
    const choices = [{ finish_reason: 'length', message: { content: '<think>Let me' } }];
    const streaming = await stream(piece({ content: '<think>Let' }), piece({ content: ' me' }), lastPiece('length'));
    expect(streamed(streaming)).toBe('');
    server.script('POST', CHAT_PATH, { status: 200, body: { ...completion(''), choices } });
    for (const result of [streaming, await chat({})]) {
      expect(outputOf(result)).toMatchObject({ content: '', reasoning: 'Let me' });
      expect(hintsOf(result)).toContain('used all its tokens for reasoning');
    }
  });
});

describe('Messages that Open WebUI chokes on or answers past the documents (traps 5 and 10)', () => {
  const ask = async (messages: unknown): Promise<RunResult> =>
    await chat({ messageMode: 'json', messagesJson: '={{ $json.messages }}', options: { knowledgeIds: 'k1' } }, { inputItems: [{ json: { messages } }] });

  it.each<[string, unknown, string]>([
    ['no message of the user', [{ role: 'system', content: 'Be brief.' }], 'There is no message of the user'],
    ['null as the last message of the user', [{ role: 'user', content: 'Hi' }, { role: 'user', content: null }], 'The last message of the user is empty'],
    ['no parts in the last message of the user', [{ role: 'user', content: [] }], 'The last message of the user is empty'],
    ['blanks as the last message of the user', [{ role: 'user', content: ' \n' }], 'The last message of the user is empty'],
  ])('are refused before anything is sent: %s', async (_name, messages, message) => {
    expect((await ask(messages)).error).toMatchObject({ name: 'NodeOperationError', message });
    expect(server.seen('POST', CHAT_PATH)).toEqual([]);
  });

  it('are refused in a conversation too, instead of asking the question before once more', async () => {
    const values = [{ role: 'user', content: 'Hi' }, { role: 'assistant', content: 'Hello' }, { role: 'user', content: '={{ $json.q }}' }];
    const { error } = await chat({ messageMode: 'conversation', conversation: { values } }, { inputItems: [{ json: {} }] });
    expect(error).toMatchObject({ name: 'NodeOperationError', message: 'The last message of the user is empty' });
    expect(server.seen('POST', CHAT_PATH)).toEqual([]);
  });

  it('are made whole where nothing is lost by it', async () => {
    const call = { role: 'assistant', content: null, tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }] };
    await ask([{ role: 'user', content: 'Hi' }, call, { role: 'tool', tool_call_id: 'c1', content: null }, { role: 'user', content: 'And?' }]);
    expect((sent()['messages'] as Json[]).map(({ content }) => content)).toEqual(['Hi', '', '', 'And?']);
  });
});
