import type { ChromaClient } from 'chromadb';

/**
 * The official client for one call or one run of calls. It takes an abort signal for its lifetime only, so each call gets
 * its own; making one costs microseconds, but for the first, which loads the library: nothing needs it before there is a
 * collection. Tenant and database are Chroma's defaults, given here so that the environment cannot change them.
 */
export async function chromaClient(port: number, signal: AbortSignal): Promise<ChromaClient> {
  const { ChromaClient } = await import('chromadb');
  return new ChromaClient({ host: '127.0.0.1', port, tenant: 'default_tenant', database: 'default_database', fetchOptions: { signal } });
}

/** Whether the client threw it. By name, which its classes set and share with no other: comparing classes would load the library. */
export function isChromaError(error: unknown, ...names: readonly `Chroma${string}Error`[]): error is Error {
  return error instanceof Error && (names as readonly string[]).includes(error.name);
}
