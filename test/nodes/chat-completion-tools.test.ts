import { describe, expect, it } from '@jest/globals';

import { asEvents, CHAT_PATH, completion, events, hintsOf, lastPiece, openChatBench, outputOf, piece } from './support/chat-bench.ts';
import type { Json } from './support/engine-types.ts';

const { server, chat, sent } = openChatBench();

const CALL = { id: 'call-1', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Kyoto"}' } };
/** As Open WebUI shows what a tool gave, in the sources of an answer. */
const TOOL_SOURCE = { source: { name: 'weather/get_weather' }, document: ['{"error": "timeout"}'], metadata: [{ source: 'weather/get_weather', parameters: {} }], tool_result: true };

describe('Tool IDs', () => {
  it('make the server itself call the tools, which it otherwise leaves to its web page', async () => {
    await chat({ options: { toolIds: 'weather, clock', seed: 7 } });
    expect(sent()).toMatchObject({ tool_ids: ['weather', 'clock'], params: { function_calling: 'legacy', seed: 7 } });
  });

  it('do so from the additional body fields too, which may choose the other way', async () => {
    await chat({ options: { additionalBodyFields: { tool_ids: ['weather'] } } });
    await chat({ options: { toolIds: 'weather', additionalBodyFields: { params: { function_calling: 'native' } } } });
    await chat({});
    expect([sent(0)['params'], sent(1)['params'], sent(2)['params']]).toEqual([{ function_calling: 'legacy' }, { function_calling: 'native' }, undefined]);
  });

  it('leave the knowledge of the model to the server, which adds it by itself then', async () => {
    server.script('GET', '/api/v1/models/model', { status: 200, body: { id: 'm', meta: { knowledge: [{ type: 'collection', id: 'k1' }] }, params: {} } });
    await chat({ options: { toolIds: 'weather' } });
    expect(sent()).not.toHaveProperty('files');
  });
});

describe('A tool that nobody has called', () => {
  it.each([false, true])('is named by a hint, for the item has no answer (streaming: %s)', async (streaming) => {
    const tools = streaming
      ? asEvents(events(piece({ tool_calls: [{ index: 0, ...CALL }] }), lastPiece('tool_calls')))
      : { status: 200, body: { ...completion(''), choices: [{ finish_reason: 'tool_calls', message: { content: '', tool_calls: [CALL] } }] } };
    server.script('POST', CHAT_PATH, tools);
    const result = await chat({}, { streaming });
    expect(outputOf(result)).toMatchObject({ content: '', finishReason: 'tool_calls', toolCalls: [{ function: { name: 'get_weather' } }] });
    expect(hintsOf(result)).toContain('asks for tools that nobody has called (get_weather)');
  });
});

describe('What a tool gave', () => {
  const answer = (sources: Json[]) => server.script('POST', CHAT_PATH, { status: 200, body: completion('Sunny.', { sources }) });

  it('is among the sources, marked, and cited by its number', async () => {
    answer([TOOL_SOURCE]);
    expect(outputOf(await chat({ options: { toolIds: 'weather' } }))['sources']).toEqual([
      { file: 'weather/get_weather', fileId: null, text: '{"error": "timeout"}', score: null, citation: 1, tool: true },
    ]);
  });

  it('is nothing that was found in the knowledge, where no answer may be without that', async () => {
    answer([TOOL_SOURCE]);
    const { error } = await chat({ options: { toolIds: 'weather', knowledgeIds: 'k1', requireSources: 'fail', minimumScore: 0.9 } });
    expect(error?.message).toBe('Nothing was found in the knowledge and files');
  });
});
