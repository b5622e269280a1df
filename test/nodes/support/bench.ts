import { afterAll, beforeAll, beforeEach } from '@jest/globals';

import { spawnEngine } from './engine-client.ts';
import type { Engine, EngineOptions } from './engine-types.ts';
import { ScriptedOpenWebUi } from './scripted-open-webui.ts';

/** n8n's engine in front of a scripted Open WebUI, for the tests of one file. */
export interface Bench {
  server: ScriptedOpenWebUi;
  /** Ready within tests only. */
  readonly engine: Engine;
}

/**
 * Opens a bench before the tests of a file, empties the server before each of them, and closes both at the end.
 * `more` gives further settings of the engine once the server listens.
 */
export function openBench(more: (server: ScriptedOpenWebUi) => Partial<EngineOptions> | Promise<Partial<EngineOptions>> = () => ({})): Bench {
  const server = new ScriptedOpenWebUi();
  let engine: Engine | undefined;
  beforeAll(async () => {
    await server.start();
    engine = await spawnEngine({ baseUrl: server.baseUrl, apiKey: server.apiKey, ...(await more(server)) });
  });
  afterAll(async () => {
    await engine?.close();
    await server.stop();
  });
  beforeEach(() => server.reset());
  return {
    server,
    get engine() {
      if (!engine) throw new Error('The bench opens before the first test');
      return engine;
    },
  };
}
