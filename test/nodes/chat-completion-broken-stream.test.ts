import { describe, expect, it } from '@jest/globals';

import { asEvents, CHAT_PATH, events, lastPiece, openChatBench, outputOf, piece, sourceEntry } from './support/chat-bench.ts';
import type { Json, RunResult } from './support/engine-types.ts';

const { server, chat } = openChatBench();

const data = (event: Json): string => `data: ${JSON.stringify(event)}\n\n`;
const said = (result: RunResult): Array<string | undefined> => result.chunks.map(({ type, content }) => (type === 'item' || type === 'error' ? content : type));

/** The body is shorter than it was said to be, and then the connection ends. */
function cutAfter(body: string): void {
  server.script('POST', CHAT_PATH, { status: 200, body, headers: { 'content-type': 'text/event-stream', 'content-length': String(Buffer.byteLength(body) + 1), connection: 'close' } });
}

describe('A streamed answer whose connection is cut', () => {
  it('fails the item and says so', async () => {
    cutAfter(data(piece({ content: 'The warranty' })));
    const { error } = await chat({}, { streaming: true });
    expect(error).toMatchObject({ name: 'NodeOperationError', message: 'The connection was cut in the middle of the answer', itemIndex: 0 });
    expect(error?.description).toContain('a proxy in front of it has a time limit');
  });

  it('fails the item where the server ends it without an end mark', async () => {
    server.script('POST', CHAT_PATH, asEvents(data(piece({ content: 'The warranty' }))));
    expect((await chat({}, { streaming: true })).error?.message).toBe('The stream of the answer ended in the middle');
  });
});

describe('A streamed answer that breaks off in a node that goes on', () => {
  const goesOn = { onError: 'continueRegularOutput' };
  const fault = { error: { message: 'Chat completion stream failed' } };

  it('is told to whoever chats, and the next item is answered', async () => {
    server.script('POST', CHAT_PATH, { ...asEvents(events(piece({ content: 'The war' }), fault)), times: 1 });
    server.reply = '二年';
    const result = await chat({}, { streaming: true, inputItems: [{ json: {} }, { json: {} }] }, goesOn);
    expect(said(result)).toEqual(['begin', 'The war', 'Chat completion stream failed', 'begin', '二', '年', 'end']);
    expect(outputOf(result)).toMatchObject({ error: 'Chat completion stream failed' });
  });

  it('says nothing to whoever chats where nothing was begun', async () => {
    server.script('POST', CHAT_PATH, asEvents(events(fault)));
    expect(said(await chat({}, { streaming: true }, goesOn))).toEqual([]);
  });
});

describe('A stream with whole documents in its first event', () => {
  it('is put together from pieces that end anywhere', async () => {
    const text = '保証は二年です。\r\n'.repeat(40_000);
    const source = { ...sourceEntry({ type: 'file', id: 'f1' }, [[text, 0.9]]) };
    server.script('POST', CHAT_PATH, asEvents(events({ sources: [source] }, piece({ content: '二年' }), lastPiece()).replaceAll('\n', '\r\n')));
    const result = await chat({ options: { fileIds: 'f1', requireSources: 'fail' } }, { streaming: true });
    expect(outputOf(result)).toMatchObject({ content: '二年', sources: [{ text }] });
  });
});
