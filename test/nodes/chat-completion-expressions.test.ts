import { describe, expect, it } from '@jest/globals';

import { nodeRun, openChatBench } from './support/chat-bench.ts';
import type { Json } from './support/engine-types.ts';

const { server, chat, sent } = openChatBench();

const json = { price: 120, 名前: 'クローバー' };
const messages = (): Json[] => sent()['messages'] as Json[];

describe('An expression of Chat Completion that gives an object', () => {
  const asText = JSON.stringify(json);

  it('is shown to the model as JSON, in the prompt and in the system message', async () => {
    await chat({ prompt: '={{ $json }}', systemMessage: '={{ [$json] }}' }, { inputItems: [{ json }] });
    expect(messages().map(({ content }) => content)).toEqual([`[${asText}]`, asText]);
  });

  it('is shown as JSON in a conversation too', async () => {
    const values = [{ role: 'user', content: '={{ $json }}' }];
    await chat({ messageMode: 'conversation', conversation: { values } }, { inputItems: [{ json }] });
    expect(messages()[0]?.['content']).toBe(asText);
  });

  it('may be one message where messages are given as JSON', async () => {
    await chat({ messageMode: 'json', messagesJson: '={{ $json }}' }, { inputItems: [{ json: { role: 'user', content: 'Hi' } }] });
    expect(messages()).toEqual([{ role: 'user', content: 'Hi' }]);
  });

  it('is not taken for an empty field where it is no message', async () => {
    const { error } = await chat({ messageMode: 'json', messagesJson: '={{ $json }}' }, { inputItems: [{ json }] });
    expect(error?.message).toBe('An entry of the field "Messages (JSON)" is not a message');
  });
});

describe('An option of Chat Completion that an expression fills with no number', () => {
  it.each<[string, Json, string, string]>([
    ['a word', { temperature: '={{ "warm" }}' }, 'Temperature', '"warm"'],
    ['a decimal comma', { minimumScore: '={{ "0,6" }}', requireSources: 'fail' }, 'Minimum Score', '"0,6"'],
    ['a list', { maxTokens: '={{ [] }}' }, 'Max Tokens', '[]'],
    ['a switch', { seed: '={{ true }}' }, 'Seed', 'true'],
    ['an object', { history: '[]', historyLimit: '={{ {} }}' }, 'History Limit', '{}'],
  ])('fails the item and names the option: %s', async (_name, options, label, shown) => {
    const { error } = await chat({ options });
    expect(error).toMatchObject({ name: 'NodeOperationError', message: `The option "${label}" is not a number`, itemIndex: 0 });
    expect(error?.description).toContain(`It is ${shown}.`);
  });

  it('leaves the option out when it is blank', async () => {
    await chat({ options: { topK: '={{ "  " }}', historyLimit: '={{ "" }}', history: '[{"role": "user", "content": "Earlier"}]' } });
    expect(sent()).not.toHaveProperty('params');
    expect(messages()).toHaveLength(2);
  });
});

describe('Files and knowledge bases that an expression of Chat Completion gives', () => {
  it('may be objects with an ID, as nodes give them; what is null is left out', async () => {
    const options = { fileIds: '={{ [{ id: "f1", filename: "a.txt" }, null, "f2"] }}', knowledgeIds: '={{ ({ id: "k1" }) }}' };
    await chat({ options });
    expect(sent()['files']).toEqual([{ type: 'collection', id: 'k1' }, { type: 'file', id: 'f1' }, { type: 'file', id: 'f2' }]);
  });
});

describe('Stop sequences in a list by expression', () => {
  it('keep their line breaks and blanks', async () => {
    await chat({ options: { stop: '={{ ["\\n", "\\nUser:", ""] }}' } });
    expect(sent()['stop']).toEqual(['\n', '\nUser:']);
  });
});

describe('An option whose expression fails at the first item', () => {
  it('fails this item and not the run', async () => {
    const history = "={{ $itemIndex === 0 ? $('Start').itemMatching(7).json : [] }}";
    const result = await chat({ options: { history } }, { inputItems: [{ json: {} }, { json: {} }] }, { onError: 'continueRegularOutput' });
    expect(result.status).toBe('success');
    expect(nodeRun(result).items).toMatchObject([{ json: { error: expect.any(String) as unknown } }, { json: { content: server.reply } }]);
  });
});
