import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createBlobFs } from './adapters/blob-fs.ts';
import { startChroma } from './adapters/chroma/start-chroma.ts';
import { createAesSecretBox } from './adapters/crypto/aes-secret-box.ts';
import { deriveKey, instanceSecret } from './adapters/crypto/instance-secret.ts';
import { createJwtSigner } from './adapters/crypto/jwt-signer.ts';
import { createScryptHasher } from './adapters/crypto/scrypt-hasher.ts';
import { lockDataDir } from './adapters/data-dir-lock.ts';
import { createDocumentReader } from './adapters/extract/create-document-reader.ts';
import { createLexicalIndex } from './adapters/lexical/lexical-index.ts';
import { createNoVectorIndex } from './adapters/no-vector-index.ts';
import { openSqlite } from './adapters/sqlite/open-sqlite.ts';
import { systemClock } from './adapters/system-clock.ts';
import type { Config } from './config.ts';
import { AppError } from './domain/errors.ts';
import { defaultLexicalWeight } from './domain/lexical-weight.ts';
import { buildApp } from './http/app.ts';
import { closeApp } from './http/close-app.ts';
import { createLifecycle } from './lifecycle.ts';
import { createModels } from './models.ts';
import type { Logger } from './ports/logger.ts';
import type { VectorIndex } from './ports/vector-index.ts';
import { createApiKeys } from './usecases/api-keys.ts';
import { createAttachFiles } from './usecases/attach-files.ts';
import { createAuthenticate } from './usecases/authenticate.ts';
import { requireAdmin, requireVerified } from './usecases/authorize.ts';
import { createSignals, createTurns, detach, pause } from './usecases/background.ts';
import { createCallModels } from './usecases/call-models.ts';
import { createChat } from './usecases/chat.ts';
import { purgeFile } from './usecases/delete-file.ts';
import { embedMissing } from './usecases/embed-missing.ts';
import { createFirstAdmin, type FirstAdmin } from './usecases/first-start.ts';
import { ingestFile } from './usecases/ingest-file.ts';
import { createKnowledgeCache } from './usecases/knowledge-cache.ts';
import { createLexicalSync } from './usecases/lexical-sync.ts';
import { createManageKnowledge } from './usecases/manage-knowledge.ts';
import { keepVectorsProven } from './usecases/prove-vectors.ts';
import { createProcessFile } from './usecases/process-file.ts';
import { createQuery } from './usecases/query.ts';
import { createReadFiles } from './usecases/read-files.ts';
import { createReady } from './usecases/ready.ts';
import { reconcile } from './usecases/reconcile.ts';
import { runJobs } from './usecases/run-jobs.ts';
import { createCurrentSession, createSignIn, createSignUp } from './usecases/sessions.ts';
import { dropVectors, syncVectors } from './usecases/sync-vectors.ts';
import { createUploadFile } from './usecases/upload-file.ts';
import type { UseCases } from './usecases/use-cases.ts';
import { createVectorTrust } from './usecases/vector-trust.ts';

/** The release of Open WebUI whose API this server speaks; clients read it at /api/version. */
export const COMPATIBLE_VERSION = '0.12.4';
/** Between two sweeps of blobs without a row. */
const SWEEP_MS = 3_600_000;
const MEBIBYTE = 1024 * 1024;

export type Service = {
  url: string;
  /** Set once, at the first start with an empty data folder; it takes a moment, while requests are served already. */
  firstAdmin: Promise<FirstAdmin | null>;
  /** Finishes what runs (at most 25 s), stops everything in reverse order. Calls share one stop. */
  stop(): Promise<void>;
};

/**
 * Builds the whole service by hand, in dependency order, and listens. Throws ALREADY_RUNNING for a data folder in use,
 * CONFIG_INVALID for a database of a newer release or an address that cannot be listened on.
 */
export async function startService(config: Config, logger: Logger): Promise<Service> {
  const dataDir = resolve(config.DATA_DIR);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const lifecycle = createLifecycle(logger);
  try {
    return await assemble(config, dataDir, logger, lifecycle);
  } catch (error) {
    await lifecycle.stop();
    throw error;
  }
}

async function assemble(config: Config, dataDir: string, logger: Logger, lifecycle: ReturnType<typeof createLifecycle>): Promise<Service> {
  const lock = await lockDataDir(dataDir);
  lifecycle.onStop('lock', () => lock.release());
  const stores = await openSqlite({ path: join(dataDir, 'runtime.db'), clock: systemClock });
  lifecycle.onStop('store', () => stores.close());
  const blobs = createBlobFs({ dir: join(dataDir, 'blobs') });
  const index = vectorIndex(config, dataDir, logger, lifecycle);
  const cache = createKnowledgeCache(stores.knowledge);
  const signals = createSignals();
  const lexical = createLexicalIndex({ dir: join(dataDir, 'lexical'), logger, onWorkerLost: () => lexicalSync.distrustAll() });
  lifecycle.onStop('word index', () => lexical.close());
  const lexicalSync = createLexicalSync({ lexical, chunks: stores.chunks, cache });
  const reader = createDocumentReader({
    workers: config.EXTRACTION_WORKERS,
    timeoutMs: config.EXTRACTION_TIMEOUT * 1000,
    maxHeapMb: config.EXTRACTION_MEMORY_MB,
    maxTextChars: config.EXTRACTION_MAX_CHARS,
    maxChunks: 50_000,
    maxPages: config.EXTRACTION_MAX_PAGES,
  });
  lifecycle.onStop('document reader', () => reader.close());
  const { directory, embedder, backends } = createModels(config);
  const trust = createVectorTrust(index);
  const secret = instanceSecret(dataDir, config.WEBUI_SECRET_KEY);

  const shared = { ...stores, blobs, index, cache, signals, lexical, lexicalSync, reader, embedder, trust, vectorTurns: createTurns(), logger, clock: systemClock, models: directory };
  const searching = {
    ...shared,
    topK: config.RAG_TOP_K,
    lexicalWeight: config.RAG_HYBRID_BM25_WEIGHT ?? defaultLexicalWeight(embedder.profile),
    relevanceThreshold: config.RAG_RELEVANCE_THRESHOLD,
    fileWaitMs: config.RAG_FILE_WAIT_TIMEOUT * 1000,
  };
  const tokens = createJwtSigner(deriveKey(secret, 'sessions'));
  const passwords = createScryptHasher();
  const accounts = {
    ...shared,
    tokens,
    passwords,
    secrets: createAesSecretBox(deriveKey(secret, 'api-keys')),
    tokenLifeSeconds: config.JWT_EXPIRES_IN,
    isSignupEnabled: config.ENABLE_SIGNUP,
    defaultRole: config.DEFAULT_USER_ROLE,
    areApiKeysEnabled: config.ENABLE_API_KEYS,
  };
  await reconcile(shared, { isStart: true });
  // Hashing a password takes half a second, which need not hold up /health; who signs up waits for it, or a stranger could be
  // first, and so does who signs in or brings a key, or the admin's own would be refused.
  const firstAdmin = config.ENABLE_INITIAL_ADMIN
    ? createFirstAdmin(accounts, { name: config.WEBUI_ADMIN_NAME, email: config.WEBUI_ADMIN_EMAIL, password: config.WEBUI_ADMIN_PASSWORD, apiKey: config.WEBUI_ADMIN_API_KEY })
    : Promise.resolve(null);
  const firstAdminSettled = firstAdmin.then(() => undefined, () => undefined);
  lifecycle.onStop('first admin', () => firstAdminSettled);
  const signUp = createSignUp(accounts);
  const signIn = createSignIn(accounts);
  const authenticate = createAuthenticate(accounts);
  const useCases: UseCases = {
    authenticate: (credential) => firstAdmin.then(() => authenticate(credential)),
    requireVerified,
    requireAdmin,
    signUp: (input) => firstAdmin.then(() => signUp(input)),
    signIn: (input) => firstAdmin.then(() => signIn(input)),
    currentSession: createCurrentSession(accounts),
    ...createApiKeys(accounts),
    hasUsers: async () => (await stores.users.count()) > 0,
    ...createCallModels(shared),
    ...createChat({ ...searching, template: config.RAG_TEMPLATE, isSystemContext: config.RAG_SYSTEM_CONTEXT }),
    uploadFile: createUploadFile({ ...shared, maxUploadBytes: config.RAG_FILE_MAX_SIZE, allowedExtensions: config.RAG_ALLOWED_FILE_EXTENSIONS }),
    processFile: createProcessFile(searching),
    ...createReadFiles(shared),
    ...createManageKnowledge(shared),
    ...createAttachFiles(searching),
    query: createQuery(searching),
    ready: createReady({ checkStore: () => stores.checkWritable(), blobs, index, jobs: stores.jobs, backends, isDraining: () => lifecycle.isStopping() }),
  };

  const app = buildApp(useCases, {
    version: COMPATIBLE_VERSION,
    isDev: config.ENV === 'dev',
    corsAllowOrigins: config.CORS_ALLOW_ORIGIN,
    bodyLimitBytes: { json: MEBIBYTE, chat: 20 * MEBIBYTE },
    maxUploadBytes: config.RAG_FILE_MAX_SIZE,
    requestTimeoutMs: 60_000,
    includeSourcesInStream: config.ENABLE_STREAM_SOURCES,
    isSignupEnabled: config.ENABLE_SIGNUP,
    logger,
    gauges: [
      { name: 'openwebui_rag_jobs_waiting', help: 'Background jobs that wait', read: async () => (await stores.jobs.stats()).waiting },
      { name: 'openwebui_rag_jobs_running', help: 'Background jobs that run', read: async () => (await stores.jobs.stats()).running },
      { name: 'openwebui_rag_jobs_oldest_seconds', help: 'Age of the oldest job', read: async () => (await stores.jobs.stats()).oldestAgeMs / 1000 },
      { name: 'openwebui_rag_vector_index_ready', help: '1 when Chroma answers', read: () => (index.state().state === 'ready' ? 1 : 0) },
      { name: 'openwebui_rag_vector_index_checked', help: '1 when its collections have been checked since its last start', read: () => (trust.isChecked() ? 1 : 0) },
    ],
    shutdownSignal: lifecycle.drainSignal,
  });

  const background = lifecycle.backgroundSignal;
  const ingestion = { ...shared, chunkSizeChars: config.CHUNK_SIZE, chunkOverlapChars: config.CHUNK_OVERLAP, maxAttempts: config.INGEST_MAX_ATTEMPTS };
  const jobs = runJobs(
    {
      ...shared,
      concurrency: config.INGEST_CONCURRENCY,
      handlers: {
        ingest: (job, signal) => ingestFile(ingestion, job, signal),
        'delete-file': (job) => purgeFile(shared, job),
        'sync-vectors': (job, signal) => syncVectors(shared, job, signal),
        'drop-vectors': (job, signal) => dropVectors(shared, job, signal),
      },
    },
    background,
  );
  const proving = config.VECTOR_DB === 'none' ? Promise.resolve() : keepVectorsProven(shared, background);
  const embedding = embedMissing(shared, background);
  const sweeping = sweep(() => reconcile(shared, { isStart: false }), background, logger);
  lifecycle.onStop('background work', async () => {
    lifecycle.stopBackground();
    await Promise.all([jobs, proving, embedding, sweeping]);
  });
  const url = await app.listen({ host: config.HOST, port: config.PORT }).catch((error: unknown) => {
    throw cannotListen(config, error);
  });
  lifecycle.onStop('http', () => closeApp(app));
  return { url, firstAdmin, stop: () => lifecycle.stop() };
}

/** What the system says about an address, as a sentence with a remedy; anything else as it is. */
function cannotListen(config: Config, cause: unknown): unknown {
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : null;
  const address = `${config.HOST}:${config.PORT}`;
  if (code === 'EADDRINUSE') return new AppError('CONFIG_INVALID', `Another program listens on ${address} already. Stop it, or set PORT to another port.`, { cause });
  if (code === 'EACCES') return new AppError('CONFIG_INVALID', `This user may not listen on ${address}. Set PORT to a port from 1024 on.`, { cause });
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return new AppError('CONFIG_INVALID', `${config.HOST} is not an address of this machine. Set HOST to 127.0.0.1, or to 0.0.0.0 for all of its addresses.`, { cause });
  return cause;
}

function vectorIndex(config: Config, dataDir: string, logger: Logger, lifecycle: ReturnType<typeof createLifecycle>): VectorIndex & { wipe?(signal: AbortSignal): Promise<void> } {
  if (config.VECTOR_DB === 'none') return createNoVectorIndex();
  const chroma = startChroma({ dataDir: join(dataDir, 'chroma'), stateFile: join(dataDir, 'chroma.pid.json'), logger });
  lifecycle.onStop('chroma', () => chroma.stop());
  detach(logger, 'start chroma', chroma.start());
  return chroma.index;
}

async function sweep(work: () => Promise<void>, signal: AbortSignal, logger: Logger): Promise<void> {
  for (;;) {
    await pause(SWEEP_MS, signal);
    if (signal.aborted) return;
    await work().catch((error: unknown) => logger.warn({ err: error }, 'The sweep of orphaned uploads failed'));
  }
}
