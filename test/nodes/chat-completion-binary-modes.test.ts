import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import { CHAT_PATH } from './support/chat-bench.ts';
import { spawnEngine } from './support/engine-client.ts';
import type { BinaryMode, Engine, HostVersion, Json, RunResult } from './support/engine-types.ts';
import { ScriptedOpenWebUi } from './support/scripted-open-webui.ts';
import { chain, locator, ourNode } from './support/workflows.ts';

const server = new ScriptedOpenWebUi();
let engine: Engine;

beforeAll(async () => {
  await server.start();
});
afterAll(async () => await server.stop());
beforeEach(() => server.reset());
afterEach(async () => await engine.close());

const photo = { fileName: '写真.png', mimeType: 'image/png', base64: 'iVBORw0=' };

async function ask(host: HostVersion, binaryMode: BinaryMode, imageFields: string, settings: Json = {}): Promise<RunResult> {
  engine = await spawnEngine({ baseUrl: server.baseUrl, apiKey: server.apiKey, host, binaryMode });
  const node = ourNode('ChatCompletion', { model: locator('id', 'llama3.2:latest'), prompt: 'What is this?', options: { imageFields } });
  return await engine.run({ ...chain(node), settings }, { inputItems: [{ json: {}, files: { photo } }] });
}

async function imageSent(...parameters: Parameters<typeof ask>): Promise<unknown> {
  const result = await ask(...parameters);
  expect(result.error).toBeUndefined();
  const body = server.seen('POST', CHAT_PATH)[0]?.body as { messages: Array<{ content: Json[] }> };
  return body.messages[0]?.content[1];
}

describe('An image reaches the model', () => {
  const expected = { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0=' } };

  it.each<[HostVersion, BinaryMode]>([['current', 'filesystem'], ['current', 'memory'], ['2.0', 'filesystem'], ['2.0', 'memory']])('on n8n %s with files in %s', async (host, binaryMode) => {
    expect(await imageSent(host, binaryMode, 'photo')).toEqual(expected);
  });

  it.each<HostVersion>(['current', '2.0'])('on n8n %s from an expression that gives the file itself, where files are stored', async (host) => {
    expect(await imageSent(host, 'filesystem', '={{ [$binary.photo] }}')).toEqual(expected);
    await engine.close();
    const { error } = await ask(host, 'memory', '={{ $binary.photo }}');
    expect(error).toMatchObject({ name: 'NodeOperationError', message: 'The expression in "Input Image Fields" gives a file without its content' });
    expect(error?.description).toContain('Write the name of the binary field');
  });

  it.each(['_files.photo', '={{ $json._files.photo }}'])('from %s where the workflow keeps files and fields together (binaryMode combined)', async (imageFields) => {
    expect(await imageSent('current', 'filesystem', imageFields, { binaryMode: 'combined' })).toEqual(expected);
  });
});
