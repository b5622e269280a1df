import { describe, expect, it } from '@jest/globals';

import { CHAT_PATH, completion, openChatBench, outputOf } from './support/chat-bench.ts';
import type { Json } from './support/engine-types.ts';
import { locator } from './support/workflows.ts';

const { server, chat, sent } = openChatBench();

const gpt = locator('id', 'gpt-test');

describe('Sampling, which Open WebUI loses at the top level (trap 11)', () => {
  it.each<[string, Json, Json]>([
    ['Context Length', { contextLength: 8192 }, { num_ctx: 8192 }],
    ['Frequency Penalty', { frequencyPenalty: 0.5 }, { frequency_penalty: 0.5 }],
    ['Keep Alive as a duration', { keepAlive: '30m' }, { keep_alive: '30m' }],
    ['Keep Alive as a number', { keepAlive: '-1' }, { keep_alive: -1 }],
    ['Max Tokens', { maxTokens: 100 }, { max_tokens: 100 }],
    ['Min P', { minP: 0.05 }, { min_p: 0.05 }],
    ['Presence Penalty', { presencePenalty: 1 }, { presence_penalty: 1 }],
    ['Repeat Penalty', { repeatPenalty: 1.1 }, { repeat_penalty: 1.1 }],
    ['Seed', { seed: 7 }, { seed: 7 }],
    ['Temperature, also 0', { temperature: 0 }, { temperature: 0 }],
    ['Top K', { topK: 40 }, { top_k: 40 }],
    ['Top P', { topP: 0.5 }, { top_p: 0.5 }],
    ['a number from an expression as text', { topK: '={{ "12" }}' }, { top_k: 12 }],
  ])('goes into params: %s', async (_name, options, params) => {
    await chat({ options });
    expect(sent()['params']).toEqual(params);
    for (const key of Object.keys(params)) expect(sent()).not.toHaveProperty(key);
  });

  it.each([['high', true], ['low', true], ['minimal', false], ['none', false]])('has Reasoning Effort %s as a switch for models of Ollama, most of which refuse levels', async (reasoningEffort, think) => {
    await chat({ options: { reasoningEffort } });
    expect(sent()['params']).toEqual({ think });
  });

  it.each<[string, Json]>([
    ['by its family', { ollama: { details: { family: 'gptoss' } } }],
    ['by the model it is made from', { info: { base_model_id: 'gpt-oss:20b' } }],
  ])('has Reasoning Effort as a level for gpt-oss in Ollama, known %s', async (_name, entry) => {
    server.script('GET', '/api/models', { status: 200, body: { data: [{ id: 'llama3.2:latest', owned_by: 'ollama', ...entry }] } });
    for (const reasoningEffort of ['high', 'none']) await chat({ options: { reasoningEffort } });
    expect([sent(0)['params'], sent(1)['params']]).toEqual([{ think: 'high' }, { think: false }]);
  });

  it('has Reasoning Effort in the words of OpenAI for other models', async () => {
    await chat({ model: gpt, options: { reasoningEffort: 'low' } });
    expect(sent()['params']).toEqual({ reasoning_effort: 'low' });
  });

  it('is left out as long as it is not added', async () => {
    await chat({ options: { seed: '', maxTokens: null } });
    expect(sent()).not.toHaveProperty('params');
  });

  it('is joined by the params of the additional body fields, which win', async () => {
    const additionalBodyFields = { params: { seed: 1, mirostat: 2, mirostat_tau: 4, tfs_z: 1, repeat_last_n: 64, logit_bias: { 50256: -100 } } };
    await chat({ options: { seed: 7, topK: 3, additionalBodyFields } });
    expect(sent()['params']).toEqual({ ...additionalBodyFields.params, top_k: 3 });
  });
});

describe('The other fields of a request', () => {
  it.each<[string, unknown]>([['commas', '。, STOP'], ['lines', '。\nSTOP'], ['an array by expression', '={{ ["。", "STOP"] }}'], ['a JSON array', '["。", "STOP"]']])('stop sequences are taken with %s, and stay at the top, where every server reads them', async (_name, stop) => {
    await chat({ options: { stop } });
    expect(sent()['stop']).toEqual(['。', 'STOP']);
  });

  it('tool IDs are taken as a list', async () => {
    await chat({ options: { toolIds: 'calculator, weather' } });
    expect(sent()['tool_ids']).toEqual(['calculator', 'weather']);
  });

  it('additional body fields win, but for the way the answer is sent, which belongs to the node', async () => {
    await chat({ options: { toolIds: 'a', additionalBodyFields: '{"tool_ids": ["b"], "features": {"web_search": true}, "stream": null}' } });
    expect(sent()).toMatchObject({ tool_ids: ['b'], features: { web_search: true }, stream: false });
  });

  it('additional body fields that are no object are refused', async () => {
    expect((await chat({ options: { additionalBodyFields: '[1]' } })).error?.message).toBe('The field "Additional Body Fields" must hold a JSON object');
  });

  it('are explained when they turn the answer into one of the chats in the web UI', async () => {
    server.script('POST', CHAT_PATH, { status: 200, body: { status: true, task_ids: ['t1'], chat_id: 'c1' } });
    expect((await chat({})).error?.description).toContain('Take chat_id, session_id and id out of Options > Additional Body Fields.');
  });
});

describe('Images', () => {
  const photo = { fileName: 'p.png', mimeType: 'image/png', base64: 'iVBORw0=' };
  const drawing = { fileName: 'd.webp', mimeType: 'image/webp', base64: 'UklGRg==' };
  const urls = (): unknown[] =>
    ((sent()['messages'] as Json[]).at(-1)?.['content'] as Json[]).map((part) => (part['image_url'] as Json | undefined)?.['url'] ?? part['text']);
  const expected = ['How long is the warranty?', 'data:image/png;base64,iVBORw0=', 'data:image/webp;base64,UklGRg=='];

  it('come from several binary fields', async () => {
    await chat({ options: { imageFields: 'photo, drawing' } }, { inputItems: [{ json: {}, files: { photo, drawing } }] });
    expect(urls()).toEqual(expected);
  });

  it('are added to a message that has parts already', async () => {
    const messages = [{ role: 'user', content: [{ type: 'text', text: 'What is this?' }] }];
    await chat({ messageMode: 'json', messagesJson: JSON.stringify(messages), options: { imageFields: 'photo' } }, { inputItems: [{ json: {}, files: { photo } }] });
    expect(urls()).toEqual(['What is this?', expected[1]]);
  });

  it('must be images: other files are refused with what to do', async () => {
    const files = { data: { fileName: 'manual.pdf', mimeType: 'application/pdf', base64: 'JVBERg==' } };
    const { error } = await chat({ options: { imageFields: 'data' } }, { inputItems: [{ json: {}, files }] });
    expect(error).toMatchObject({ name: 'NodeOperationError', message: '"data" is not an image but application/pdf' });
    expect(error?.description).toContain('Upload File');
  });

  it('must be there: a missing field is named', async () => {
    const { error } = await chat({ options: { imageFields: 'nope' } }, { inputItems: [{ json: {}, files: { photo } }] });
    expect(error?.message).toContain("'nope'");
  });
});

describe('JSON answers', () => {
  it.each<[string, string]>([
    ['alone', '{"years": 2}'],
    ['in a fence', '```json\n{"years": 2}\n```'],
    ['in a fence after a sentence', 'Here you are:\n\n```\n{"years": 2}\n```\nAnything else?'],
    ['between words', 'The answer is {"years": 2}, I think.'],
    ['after a thought', '<think>{two}</think>{"years": 2}'],
  ])('are parsed when the JSON comes %s', async (_name, reply) => {
    server.reply = reply;
    const result = await chat({ options: { responseFormat: 'json_object' } });
    expect(result.error).toBeUndefined();
    expect(outputOf(result)['parsed']).toEqual({ years: 2 });
  });

  it('may be lists, also of one object', async () => {
    server.reply = 'Here: ["あ", "い"]';
    expect(outputOf(await chat({ options: { responseFormat: 'json_object' } }))['parsed']).toEqual(['あ', 'い']);
    server.reply = 'Here: [{"years": 2}]';
    expect(outputOf(await chat({ options: { responseFormat: 'json_object' } }))['parsed']).toEqual([{ years: 2 }]);
  });

  it.each(['The warranty lasts two years [1].', 'Two years [1, 2], or three.'])('are not seen in the citations of an answer: %s', async (reply) => {
    server.reply = reply;
    expect((await chat({ options: { responseFormat: 'json_object' } })).error).toMatchObject({ message: 'The answer of the model is not JSON', description: `It says: ${reply}` });
  });

  it('are found beside citations', async () => {
    server.reply = 'According to [1] it is {"years": 2} [1].';
    expect(outputOf(await chat({ options: { responseFormat: 'json_object' } }))['parsed']).toEqual({ years: 2 });
  });

  it.each([
    ['a list after a citation', 'According to [1], here it is:\n\n[{"a": 1}, {"a": 2}]', [{ a: 1 }, { a: 2 }]],
    ['a list of one object after a citation', 'As stated in [1]: [{"a": 1}]', [{ a: 1 }]],
    ['brackets within texts', 'So [2]: {"a": "}] \\" [1]", "b": {}} (see [1] and {2})', { a: '}] " [1]', b: {} }],
    ['an interval', 'For the interval [0, 1) the answer is {"a": 1}', { a: 1 }],
    ['a bracket that is never closed', 'Result :[ {"a": 1}', { a: 1 }],
    ['an inch', 'The 5" pipe [size 5"] is {"a": 1}', { a: 1 }],
    ['a quote that is never closed', 'In [doc "x]: {"a": "b"}', { a: 'b' }],
    ['an empty object', 'Use {} as default. {"a": 1}', { a: 1 }],
    ['nothing but words, where it is empty', 'There is none: {}', {}],
  ])('are told from what stands around them: %s', async (_name, reply, parsed) => {
    server.reply = reply;
    expect(outputOf(await chat({ options: { responseFormat: 'json_object' } }))['parsed']).toEqual(parsed);
  });

  it.each(['{"a": {"b": 1}, }', '{"a": {"b": 1}'])('are never a part of what is not whole: %s', async (reply) => {
    server.reply = reply;
    expect((await chat({ options: { responseFormat: 'json_object' } })).error?.message).toBe('The answer of the model is not JSON');
  });

  it('are parsed without Simplify and while streaming as well', async () => {
    server.reply = '{"years": 2}';
    const responseFormat = 'json_object';
    expect(outputOf(await chat({ simplify: false, options: { responseFormat } }))).toMatchObject({ object: 'chat.completion', parsed: { years: 2 } });
    expect(outputOf(await chat({ options: { responseFormat } }, { streaming: true }))['parsed']).toEqual({ years: 2 });
  });

  it('follow a schema that every kind of model gets in the same field', async () => {
    server.reply = '{"years": 2}';
    const schema = { type: 'object', properties: { years: { type: 'integer' } }, required: ['years'] };
    for (const model of [gpt, locator('id', 'llama3.2:latest')]) await chat({ model, options: { responseFormat: 'json_schema', jsonSchema: JSON.stringify(schema) } });
    for (const index of [0, 1]) expect(sent(index)['response_format']).toEqual({ type: 'json_schema', json_schema: { name: 'answer', schema } });
  });

  it('need a schema when one is asked for', async () => {
    expect((await chat({ options: { responseFormat: 'json_schema', jsonSchema: '{}' } })).error?.message).toBe('The field "JSON Schema" is empty');
  });

  it('that are no JSON fail with the text of the model', async () => {
    server.reply = '保証は二年です。';
    const { error } = await chat({ options: { responseFormat: 'json_object' } });
    expect(error).toMatchObject({ name: 'NodeOperationError', message: 'The answer of the model is not JSON', description: 'It says: 保証は二年です。' });
  });

  it('that were cut off say what to change', async () => {
    const choices = [{ finish_reason: 'length', message: { content: '{"years": ' } }];
    server.script('POST', CHAT_PATH, { status: 200, body: { ...completion(''), choices } });
    expect((await chat({ options: { responseFormat: 'json_object' } })).error?.description).toContain('raise Options > Max Tokens');
  });
});
