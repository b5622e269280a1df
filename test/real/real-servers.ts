import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startEchoModel } from '../support/echo-model.ts';
import type { ScriptedServer } from '../support/scripted-server.ts';
import type { Target } from './client.ts';
import { startScript } from './script-server.ts';
import type { ScriptServer } from './script-server.ts';

/** What is there for the cases; undefined where it could not be had. */
export type RealServers = {
  ollama?: { url: string; model: string };
  /** Settings of the runtime for the embedding server. */
  e5?: Record<string, string>;
  openWebUi?: Target;
  /** A quick remote model server with scripted answers, which Open WebUI and the runtime have beside Ollama. */
  scripted: ScriptedServer;
  stop(): Promise<void>;
};

const env = process.env;

/**
 * The three real servers, started by their scripts unless the environment names running ones: REAL_OLLAMA_URL,
 * REAL_E5_URL, OPENWEBUI_URL with OPENWEBUI_KEY. Says what is missing with `skipped: <part>, <reason>`.
 * `signal` ends the start, which may be an installation of minutes.
 */
export async function openRealServers(say: (line: string) => void, signal: AbortSignal): Promise<RealServers> {
  const stops: Array<() => Promise<void>> = [];
  const scripted = await startEchoModel();
  stops.push(() => scripted.close());
  const opened = async (part: string, start: () => Promise<ScriptServer>): Promise<Record<string, string> | undefined> => {
    try {
      const server = await start();
      stops.push(() => server.stop());
      return server.settings;
    } catch (error) {
      say(`skipped: ${part}, ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  };
  const [ollama, e5] = await Promise.all([opened('Ollama', () => openOllama(signal)), opened('the embedding server', () => openE5(signal))]);
  const openWebUi = await opened('Open WebUI', () => openOpenWebUi(signal, ollama?.['OLLAMA_BASE_URLS'], scripted.url));
  return {
    scripted,
    ...(ollama === undefined ? {} : { ollama: { url: ollama['OLLAMA_BASE_URLS'] ?? '', model: ollama['MODEL'] ?? '' } }),
    ...(e5 === undefined ? {} : { e5 }),
    ...(openWebUi === undefined ? {} : { openWebUi: { name: 'Open WebUI', baseUrl: openWebUi['OPENWEBUI_URL'] ?? '', apiKey: openWebUi['OPENWEBUI_KEY'] ?? '' } }),
    async stop() {
      for (const stop of stops.reverse()) await stop();
    },
  };
}

function running(settings: Record<string, string>): ScriptServer {
  return { settings, stop: () => Promise.resolve() };
}

async function openOllama(signal: AbortSignal): Promise<ScriptServer> {
  const url = env['REAL_OLLAMA_URL'];
  return url === undefined ? startScript('ollama', signal) : running({ OLLAMA_BASE_URLS: url, MODEL: env['MODEL'] ?? 'smollm2:135m' });
}

async function openE5(signal: AbortSignal): Promise<ScriptServer> {
  const url = env['REAL_E5_URL'];
  return url === undefined ? startScript('e5', signal) : running({ RAG_EMBEDDING_ENGINE: 'openai', RAG_OPENAI_API_BASE_URL: url, RAG_EMBEDDING_MODEL: 'multilingual-e5-small' });
}

async function openOpenWebUi(signal: AbortSignal, ollamaUrl: string | undefined, scriptedUrl: string): Promise<ScriptServer> {
  const { OPENWEBUI_URL: url, OPENWEBUI_KEY: key } = env;
  if (url !== undefined && key !== undefined) return running({ OPENWEBUI_URL: url, OPENWEBUI_KEY: key });
  if (ollamaUrl === undefined) throw new Error('it needs Ollama');
  const data = await mkdtemp(join(tmpdir(), 'open-webui-'));
  const remove = (): Promise<void> => rm(data, { recursive: true, force: true });
  try {
    const server = await startScript('open-webui', signal, { OPENWEBUI_DATA: data, OLLAMA_BASE_URLS: ollamaUrl, OPENAI_API_BASE_URLS: scriptedUrl });
    return { ...server, stop: async () => { await server.stop(); await remove(); } };
  } catch (error) {
    await remove();
    throw error;
  }
}
