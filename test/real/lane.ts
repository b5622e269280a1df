import { startRuntime } from '../support/runtime.ts';
import type { RunningRuntime } from '../support/runtime.ts';
import type { Target } from './client.ts';
import { openRealServers } from './real-servers.ts';
import type { RealServers } from './real-servers.ts';
import { startRecordingProxy } from './recording-proxy.ts';
import type { RecordingProxy } from './recording-proxy.ts';

/** The runtime in front of the real servers. */
export type Lane = {
  servers: RealServers;
  runtime: Target;
  /** Between the runtime and Ollama; undefined without Ollama. */
  proxy?: RecordingProxy;
  close(): Promise<void>;
};

/** Starts what can be started. The runtime has Ollama and the scripted model server, and embeds with the embedding server where there is one. */
export async function openLane(say: (line: string) => void, signal: AbortSignal): Promise<Lane> {
  const servers = await openRealServers(say, signal);
  let proxy: RecordingProxy | undefined;
  let runtime: RunningRuntime | undefined;
  const close = async (): Promise<void> => {
    await runtime?.stop();
    await proxy?.close();
    await servers.stop();
  };
  try {
    signal.throwIfAborted();
    if (servers.ollama !== undefined) proxy = await startRecordingProxy(servers.ollama.url);
    const env = { ...servers.e5, ...(proxy === undefined ? {} : { OLLAMA_BASE_URLS: proxy.url }), OPENAI_API_BASE_URLS: servers.scripted.url };
    runtime = await startRuntime({ env });
    return { servers, runtime: { name: 'the runtime', baseUrl: runtime.baseUrl, apiKey: runtime.apiKey }, close, ...(proxy === undefined ? {} : { proxy }) };
  } catch (error) {
    await close();
    throw error;
  }
}
