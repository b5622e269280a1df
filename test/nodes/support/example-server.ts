import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { RunningRuntime } from '../../support/runtime.ts';
import { startRuntime } from '../../support/runtime.ts';
import { spawnEngine } from './engine-client.ts';
import type { Engine, InputItem } from './engine-types.ts';
import { chain, locator, ourNode } from './workflows.ts';

/** The name that the examples give their knowledge base. */
export const KNOWLEDGE = 'Company documents';

/** Where the documents lie that the examples are asked about. */
export const DOCUMENTS = join(import.meta.dirname, '../../../examples/documents');

/** A runtime of its own and n8n's engine in front of it, for an example. */
export type ExampleServer = { engine: Engine; runtime: RunningRuntime; close(): Promise<void> };

/** More settings of the runtime, and stand-ins for nodes that only this example uses. */
export type ExampleServerOptions = { env?: Record<string, string>; substituteModules?: string[] };

/** Starts both. The runtime is empty. */
export async function startExampleServer(options: ExampleServerOptions = {}): Promise<ExampleServer> {
  const { env = {}, substituteModules = [] } = options;
  const runtime = await startRuntime({ env });
  const engine = await spawnEngine({ baseUrl: runtime.baseUrl, apiKey: runtime.apiKey, substituteModules }).catch(async (error: unknown) => {
    await runtime.stop();
    throw error;
  });
  const close = async (): Promise<void> => {
    await engine.close();
    await runtime.stop();
  };
  return { engine, runtime, close };
}

/** Puts the example documents into the knowledge base that the examples ask, but for those named in `without`. */
export async function addDocuments(engine: Engine, without: readonly string[] = []): Promise<void> {
  const names = (await readdir(DOCUMENTS)).filter((name) => !without.includes(name)).sort();
  const inputItems = await Promise.all(names.map(itemOf));
  const add = ourNode('AddToKnowledge', { knowledge: locator('name', KNOWLEDGE), createIfMissing: true });
  const result = await engine.run(chain(ourNode('UploadFile', {}), add), { inputItems });
  if (result.error !== undefined) throw new Error(`The documents were not added: ${result.error.message}`);
}

async function itemOf(fileName: string): Promise<InputItem> {
  const bytes = await readFile(join(DOCUMENTS, fileName));
  return { json: {}, files: { data: { fileName, mimeType: 'application/octet-stream', base64: bytes.toString('base64') } } };
}
