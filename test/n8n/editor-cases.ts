import assert from 'node:assert/strict';

import type { Cases } from './cases.ts';
import type { Lane } from './lane.ts';
import { PACKAGE_NAME } from './pack.ts';
import type { N8nRest, PickerQuestion } from './rest.ts';
import { CREDENTIAL_TYPE, KNOWLEDGE_NAME } from './workflows.ts';

const NODES = ['AddToKnowledge', 'ChatCompletion', 'ListModels', 'OllamaEmbed', 'QueryKnowledge', 'UploadFile'].map((name) => `${PACKAGE_NAME}.openWebUi${name}`);
const TRIGGER = `${PACKAGE_NAME}.openWebUiKnowledgeTrigger`;

/** What the editor shows of the pack: nodes, credential, pickers. Expects that the ingestion example has run. */
export async function editorCases(cases: Cases, lane: Lane, rest: N8nRest): Promise<void> {
  const { baseUrl, apiKey } = lane.runtime;
  const picked = async (nodeType: string, methodName: string, parameter: string, filter?: string): Promise<string[]> => {
    const question: PickerQuestion = { nodeType: `${PACKAGE_NAME}.openWebUi${nodeType}`, methodName, path: `parameters.${parameter}` };
    const entries = await rest.picker(filter === undefined ? question : { ...question, filter });
    return entries.map(({ name }) => name);
  };

  await cases.test('n8n offers the seven nodes, and all but the trigger as tools of an agent', async () => {
    const names = (await rest.nodeTypes()).map(({ name }) => name).filter((name) => name.startsWith(`${PACKAGE_NAME}.`));
    assert.deepEqual(names.toSorted(), [TRIGGER, ...NODES.flatMap((name) => [name, `${name}Tool`])].toSorted());
  });

  await cases.test('n8n offers the credential', async () => {
    const type = (await rest.credentialTypes()).find(({ name }) => name === CREDENTIAL_TYPE);
    assert.equal(type?.displayName, 'Open WebUI API');
  });

  await cases.test('The test of the credential passes with the right key, whatever path the address has', async () => {
    for (const address of [baseUrl, `${baseUrl}/`, `${baseUrl}/api/v1`, `${baseUrl}/ollama/`]) {
      const { status, message } = await rest.testCredential({ baseUrl: address, apiKey });
      assert.equal(status, 'OK', `${address}: ${message}`);
    }
  });

  await cases.test('The test of the credential says what is wrong with a wrong key', async () => {
    const { status, message } = await rest.testCredential({ baseUrl, apiKey: 'sk-wrong' });
    assert.equal(status, 'Error');
    assert.match(message, /does not accept this API key.*Settings > Account > API Keys/);
  });

  await cases.test('The test of the credential says so when nobody answers at the address', async () => {
    const { status, message } = await rest.testCredential({ baseUrl: 'http://127.0.0.1:9', apiKey });
    assert.equal(status, 'Error');
    assert.match(message, /refused|ECONNREFUSED/i);
  });

  await cases.test('The model picker lists the models of the server', async () => {
    const names = await picked('ChatCompletion', 'searchModels', 'model');
    assert.ok(names.some((name) => name.includes('builtin/extractive')), names.join());
  });

  await cases.test('The picker of embedding models begins with one made for embedding', async () => {
    const [first] = await picked('OllamaEmbed', 'searchOllamaModels', 'model');
    assert.match(String(first), /embed/);
  });

  await cases.test('The knowledge picker finds the base by a part of its name', async () => {
    assert.deepEqual(await picked('AddToKnowledge', 'searchKnowledge', 'knowledge', 'compan'), [KNOWLEDGE_NAME]);
    assert.deepEqual(await picked('AddToKnowledge', 'searchKnowledge', 'knowledge', 'no such base'), []);
  });
}
