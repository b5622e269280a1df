import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Ollama } from 'ollama';
import OpenAI from 'openai';
import { startRuntime, type RunningRuntime } from '../support/runtime.ts';
import { startScriptedOllama } from '../support/scripted-ollama.ts';
import { startScriptedOpenAi } from '../support/scripted-openai.ts';
import type { ScriptedServer } from '../support/scripted-server.ts';
import { callsFirstTool, ollamaCallsFirstTool } from '../support/scripted-tool-calls.ts';

const MODELS = ['gpt-tools', 'llama-tools:latest'];
const QUESTION = 'ホテルはいくらまで？';
const REPLY = JSON.stringify([{ text: 'Up to 140 euros.', file: 'handbook.pdf', page: 3 }]);
const ANSWER = 'Up to 140 euros. [handbook.pdf, page 3]';
const TOOL = {
  type: 'function' as const,
  function: { name: 'Query_Knowledge', description: 'Search', parameters: { type: 'object', properties: { query: { type: 'string', description: 'What' } }, required: ['query'] } },
};
let openAi: ScriptedServer;
let ollama: ScriptedServer;
let runtime: RunningRuntime;

beforeAll(async () => {
  openAi = await startScriptedOpenAi({ models: ['gpt-tools'], override: callsFirstTool });
  ollama = await startScriptedOllama({ models: ['llama-tools:latest'], override: ollamaCallsFirstTool });
  runtime = await startRuntime({ env: { OPENAI_API_BASE_URLS: openAi.url, OPENAI_API_KEYS: 'none', OLLAMA_BASE_URLS: ollama.url } });
});
afterAll(async () => {
  await runtime?.stop();
  await openAi?.close();
  await ollama?.close();
});

type Message = OpenAI.ChatCompletionMessage;

/** The message of a chat with a tool, whole or put together from its pieces. */
async function chat(model: string, messages: OpenAI.ChatCompletionMessageParam[], stream: boolean): Promise<{ message: Message; finishReason: string }> {
  const client = new OpenAI({ baseURL: `${runtime.baseUrl}/api`, apiKey: runtime.apiKey, maxRetries: 0 });
  const body = { model, messages, tools: [TOOL] };
  const completion = stream ? await client.chat.completions.stream(body).finalChatCompletion() : await client.chat.completions.create(body);
  const [choice] = completion.choices;
  if (!choice) throw new Error('The answer has no choice');
  return { message: choice.message, finishReason: choice.finish_reason };
}

describe.each(MODELS)('The tools of a chat with %s', (model) => {
  it.each([false, true])('go to the model server, and its call and its use of the reply come back (streamed: %s)', async (stream) => {
    const asked = { role: 'user' as const, content: QUESTION };
    const first = await chat(model, [asked], stream);
    expect(first.finishReason).toBe('tool_calls');
    const calls = first.message.tool_calls ?? [];
    expect(calls).toMatchObject([{ id: expect.stringMatching(/./), type: 'function', function: { name: 'Query_Knowledge' } }]);
    const [call] = calls;
    if (call?.type !== 'function') throw new Error('There is no call of a function');
    expect(JSON.parse(call.function.arguments)).toEqual({ query: QUESTION });

    const second = await chat(model, [asked, { role: 'assistant', content: null, tool_calls: calls }, { role: 'tool', tool_call_id: call.id, content: REPLY }], stream);
    expect(second).toMatchObject({ finishReason: 'stop', message: { content: ANSWER } });
    const server = model === 'gpt-tools' ? openAi : ollama;
    const sent = server.requests.at(-1)?.body;
    expect(sent?.['tools']).toEqual([TOOL]);
    expect((sent?.['messages'] as Array<{ role: string; content: string }>).at(-1)).toMatchObject({ role: 'tool', content: REPLY });
  });
});

describe("The tools of a chat in Ollama's API", () => {
  it.each([false, true])('go to the model server, and its call comes back (streamed: %s)', async (stream) => {
    const client = new Ollama({ host: `${runtime.baseUrl}/ollama`, headers: runtime.headers });
    const body = { model: 'llama-tools', messages: [{ role: 'user', content: QUESTION }], tools: [TOOL] };
    const calls: unknown[] = [];
    if (stream) for await (const { message } of await client.chat({ ...body, stream: true })) calls.push(...(message.tool_calls ?? []));
    else calls.push(...((await client.chat({ ...body, stream: false })).message.tool_calls ?? []));
    expect(calls).toEqual([{ function: { name: 'Query_Knowledge', arguments: { query: QUESTION } } }]);
  });
});
