import { ChromaClient } from 'chromadb';

/**
 * The official client for one call or one run of calls. It takes an abort signal for its lifetime only, so each call gets
 * its own; making one costs microseconds. Tenant and database are Chroma's defaults, given here so that the environment cannot change them.
 */
export function chromaClient(port: number, signal: AbortSignal): ChromaClient {
  return new ChromaClient({ host: '127.0.0.1', port, tenant: 'default_tenant', database: 'default_database', fetchOptions: { signal } });
}
