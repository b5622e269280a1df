import { z } from 'zod';
import { AppError } from './domain/errors.ts';

const MEBIBYTE = 1024 * 1024;

const flag = (fallback: boolean) =>
  z
    .string()
    .trim()
    .toLowerCase()
    .transform((value, context) => {
      if (value === '') return fallback;
      if (['true', '1', 'yes', 'on'].includes(value)) return true;
      if (['false', '0', 'no', 'off'].includes(value)) return false;
      context.addIssue({ code: 'custom', message: 'must be true or false' });
      return z.NEVER;
    })
    .prefault(String(fallback));

const integer = (fallback: number, min: number, max: number) =>
  z
    .string()
    .trim()
    .transform((value, context) => {
      const parsed = value === '' ? fallback : Number(value);
      if (Number.isInteger(parsed) && parsed >= min && parsed <= max) return parsed;
      context.addIssue({ code: 'custom', message: `must be a whole number from ${min} to ${max}` });
      return z.NEVER;
    })
    .prefault(String(fallback));

const fraction = (fallback: number | null, min: number, max: number) =>
  z
    .string()
    .trim()
    .transform((value, context) => {
      if (value === '') return fallback;
      const parsed = Number(value);
      if (Number.isFinite(parsed) && parsed >= min && parsed <= max) return parsed;
      context.addIssue({ code: 'custom', message: `must be a number from ${min} to ${max}` });
      return z.NEVER;
    })
    .prefault(fallback === null ? '' : String(fallback));

const text = (fallback = '') => z.string().trim().prefault(fallback).transform((value) => (value === '' ? fallback : value));
const list = (separator: ';' | ',') =>
  z.string().prefault('').transform((value) => value.split(separator).map((part) => part.trim()).filter((part) => part !== ''));

const urlList = () =>
  list(';').superRefine((urls, context) => {
    for (const url of urls) {
      if (!/^https?:\/\//u.test(url) || !URL.canParse(url)) context.addIssue({ code: 'custom', message: `has "${url}", which is not an http or https address` });
    }
  });

const url = () =>
  text().refine((value) => value === '' || (/^https?:\/\//u.test(value) && URL.canParse(value)), 'must be an http or https address');

const duration = (fallback: string) =>
  text(fallback).transform((value, context) => {
    if (value === '-1' || value === '0') return null;
    const unitSeconds: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
    const match = /^(\d+)(ms|s|m|h|d|w)$/u.exec(value);
    if (match) return Number(match[1]) * (unitSeconds[match[2] ?? 's'] ?? 1);
    context.addIssue({ code: 'custom', message: 'must be a number with a unit (s, m, h, d, w) such as 4w, or -1 for never' });
    return z.NEVER;
  });

/** One schema for every setting; docs/configuration.md is generated from it. Names are Open WebUI's where it has one. */
export const settings = {
  HOST: text('127.0.0.1').describe('Address to listen on. The image sets 0.0.0.0.'),
  PORT: integer(3000, 0, 65_535).describe('Port to listen on; 0 takes a free one.'),
  DATA_DIR: text('./data').describe('Folder for the database, uploads and indexes. One runtime at a time may use it.'),
  ENV: z.enum(['prod', 'dev']).prefault('prod').describe('`dev` serves Swagger at /docs and /openapi.json.'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).prefault('info').describe('How much is logged (JSON lines on standard output).'),
  CORS_ALLOW_ORIGIN: list(';').describe('Origins that browsers may call from, separated by `;`. Empty: none.'),
  WEBUI_SECRET_KEY: text().describe('Secret that signs sessions and encrypts stored API keys. Empty: made at first start and kept in DATA_DIR.'),
  WEBUI_ADMIN_EMAIL: text('admin@localhost').describe('E-mail of the admin made at first start.'),
  WEBUI_ADMIN_PASSWORD: text().describe('Password of that admin. Empty: made and printed once.'),
  WEBUI_ADMIN_NAME: text('Admin').describe('Name of that admin.'),
  WEBUI_ADMIN_API_KEY: text().refine((value) => value === '' || /^sk-[A-Za-z0-9_-]{16,128}$/u.test(value), 'must be sk- followed by 16 to 128 letters, digits, - or _').describe('API key of that admin. Empty: made and printed once.'),
  ENABLE_INITIAL_ADMIN: flag(true).describe('Make an admin at first start. `false`: the first sign-up becomes the admin.'),
  ENABLE_SIGNUP: flag(false).describe('Let more people sign up after the first user. New users get DEFAULT_USER_ROLE.'),
  DEFAULT_USER_ROLE: z.enum(['pending', 'user', 'admin']).prefault('pending').describe('Role of people who sign up; `pending` may do nothing until an admin lets them in.'),
  ENABLE_API_KEYS: flag(true).describe('Accept API keys (`sk-...`).'),
  JWT_EXPIRES_IN: duration('4w').describe('Life of a session token, such as 12h or 4w; -1 for ever.'),

  OLLAMA_BASE_URLS: urlList().describe('Ollama servers, separated by `;`.'),
  OPENAI_API_BASE_URLS: urlList().describe('OpenAI-compatible servers (addresses that end in /v1), separated by `;`.'),
  OPENAI_API_KEYS: z.string().prefault('').transform((value) => value.split(';').map((part) => part.trim())).describe('Their keys in the same order, separated by `;`.'),
  ENABLE_OLLAMA_API: flag(true).describe('Serve /ollama and use the Ollama servers.'),
  ENABLE_BUILTIN_MODELS: z.enum(['auto', 'true', 'false']).prefault('auto').describe('The offline models. `auto` lists them only while no model server offers a model; they answer by name in any case. `false` removes them.'),
  AIOHTTP_CLIENT_TIMEOUT: integer(600, 1, 86_400).describe('Seconds that one answer of a model server may take in all.'),
  OFFLINE_MODE: flag(false).describe('Contact nothing but loopback addresses: a model server elsewhere stops the start.'),

  RAG_EMBEDDING_ENGINE: z.enum(['', 'builtin', 'ollama', 'openai']).prefault('').describe('Who embeds texts: empty or `builtin` (offline, lexical), `ollama`, `openai` (any compatible server).'),
  RAG_EMBEDDING_MODEL: text().describe('Embedding model. Empty: the built-in one; needed with the other engines.'),
  RAG_OPENAI_API_BASE_URL: url().describe('Server for the `openai` engine. Empty: the first of OPENAI_API_BASE_URLS.'),
  RAG_OPENAI_API_KEY: text().describe('Its key.'),
  RAG_OLLAMA_BASE_URL: url().describe('Server for the `ollama` engine. Empty: the first of OLLAMA_BASE_URLS.'),
  RAG_OLLAMA_API_KEY: text().describe('Its key, if it wants one.'),
  RAG_EMBEDDING_BATCH_SIZE: integer(32, 1, 2048).describe('Texts in one embedding request.'),
  RAG_EMBEDDING_CONCURRENT_REQUESTS: integer(2, 1, 64).describe('Embedding requests at a time.'),
  RAG_EMBEDDING_TIMEOUT: integer(120, 1, 3600).describe('Seconds that one embedding request may take.'),
  RAG_EMBEDDING_QUERY_PREFIX: z.string().prefault('').describe('Put before a question when it is embedded (e5 models want `query: `).'),
  RAG_EMBEDDING_CONTENT_PREFIX: z.string().prefault('').describe('Put before a text when it is embedded (e5 models want `passage: `).'),

  CHUNK_SIZE: integer(1000, 100, 20_000).describe('Characters in a chunk at most.'),
  CHUNK_OVERLAP: integer(100, 0, 10_000).describe('Characters that neighbouring chunks share at most.'),
  RAG_TOP_K: integer(3, 1, 100).describe('Chunks that reach the model for each file or collection of a chat.'),
  RAG_HYBRID_BM25_WEIGHT: fraction(null, 0, 1).describe('Weight of the word search against the vectors: 0 vectors only, 1 words only. Empty: 0.5, with the built-in embedding 0.9 (measured).'),
  RAG_RELEVANCE_THRESHOLD: fraction(null, -1, 1).describe('Cosine below which a hit that shares no word with the question is dropped. Empty: what was measured for the embedding model.'),
  RAG_TEMPLATE: text().describe('Prompt around the retrieved text, with {{CONTEXT}} and {{QUERY}}. Empty: the built-in one.'),
  RAG_SYSTEM_CONTEXT: flag(false).describe('Put the retrieved text into the system message instead of the last user message.'),
  ENABLE_STREAM_SOURCES: flag(true).describe('Begin a streamed answer with a `sources` event. `false` (or `?sources=false` in a call) suits strict OpenAI clients.'),
  RAG_FILE_WAIT_TIMEOUT: integer(600, 1, 86_400).describe('Seconds that a chat or an add waits for a file that is still being processed.'),

  RAG_FILE_MAX_SIZE: integer(100, 1, 100_000).transform((value) => value * MEBIBYTE).describe('Largest upload in MB.'),
  RAG_ALLOWED_FILE_EXTENSIONS: list(',').describe('Allowed file name endings, separated by commas. Empty: all.'),
  EXTRACTION_WORKERS: integer(1, 1, 16).describe('Documents read at the same time, each in a thread of its own.'),
  EXTRACTION_TIMEOUT: integer(120, 1, 3600).describe('Seconds that reading one document may take.'),
  EXTRACTION_MEMORY_MB: integer(512, 64, 8192).describe('Heap of a reading thread in MB.'),
  EXTRACTION_MAX_CHARS: integer(5_000_000, 1000, 1_000_000_000).describe('Characters of text that one document may have. Five million Japanese ones took up to 900 MB of memory while they were stored.'),
  EXTRACTION_MAX_PAGES: integer(2000, 1, 100_000).describe('Pages that one document may have.'),
  INGEST_CONCURRENCY: integer(2, 1, 32).describe('Background jobs at a time.'),
  INGEST_MAX_ATTEMPTS: integer(20, 1, 100).describe('Tries before a file whose embedding server does not answer is marked failed; the pauses grow to a minute, so the default bridges a quarter of an hour.'),

  VECTOR_DB: z.enum(['chroma', 'none']).prefault('chroma').describe('`chroma` runs a Chroma server as a child process; `none` compares all vectors exactly.'),
} as const;

const schema = z.object(settings);

/** All settings, parsed and frozen; the names are those of the environment. */
export type Config = Readonly<z.output<typeof schema>>;

function describePath(path: readonly PropertyKey[]): string {
  return path.map(String)[0] ?? 'setting';
}

/** Rules that join two settings. */
function crossChecks(config: Config): string[] {
  const problems: string[] = [];
  if (config.CHUNK_OVERLAP >= config.CHUNK_SIZE) problems.push('CHUNK_OVERLAP must be smaller than CHUNK_SIZE.');
  const isRemoteEngine = config.RAG_EMBEDDING_ENGINE === 'ollama' || config.RAG_EMBEDDING_ENGINE === 'openai';
  if (isRemoteEngine && config.RAG_EMBEDDING_MODEL === '') problems.push(`RAG_EMBEDDING_MODEL must name a model when RAG_EMBEDDING_ENGINE is ${config.RAG_EMBEDDING_ENGINE}.`);
  if (!isRemoteEngine && config.RAG_EMBEDDING_MODEL !== '' && config.RAG_EMBEDDING_MODEL !== 'builtin/lexical-embed') {
    problems.push(`RAG_EMBEDDING_ENGINE must be ollama or openai for RAG_EMBEDDING_MODEL "${config.RAG_EMBEDDING_MODEL}"; without an engine only builtin/lexical-embed is there.`);
  }
  if (config.RAG_EMBEDDING_ENGINE === 'openai' && config.RAG_OPENAI_API_BASE_URL === '' && config.OPENAI_API_BASE_URLS.length === 0) problems.push('RAG_OPENAI_API_BASE_URL must be set when RAG_EMBEDDING_ENGINE is openai.');
  if (config.RAG_EMBEDDING_ENGINE === 'ollama' && config.RAG_OLLAMA_BASE_URL === '' && config.OLLAMA_BASE_URLS.length === 0) problems.push('RAG_OLLAMA_BASE_URL must be set when RAG_EMBEDDING_ENGINE is ollama.');
  if (config.OFFLINE_MODE) {
    for (const address of [...config.OLLAMA_BASE_URLS, ...config.OPENAI_API_BASE_URLS, config.RAG_OPENAI_API_BASE_URL, config.RAG_OLLAMA_BASE_URL]) {
      if (address !== '' && !/^(localhost|127(\.\d+){3}|\[::1\])$/u.test(new URL(address).hostname)) problems.push(`OFFLINE_MODE is on, but ${address} is not on this machine.`);
    }
  }
  return problems;
}

/**
 * Reads all settings from `env` (nothing else reads the environment). `OLLAMA_BASE_URL` and `OPENAI_API_BASE_URL`/`OPENAI_API_KEY`
 * are accepted for one server. Throws CONFIG_INVALID with a sentence for each bad value.
 */
export function parseConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const input: Record<string, string> = {};
  for (const name of Object.keys(settings)) if (env[name] !== undefined) input[name] = env[name];
  input['OLLAMA_BASE_URLS'] ??= env['OLLAMA_BASE_URL'] ?? '';
  input['OPENAI_API_BASE_URLS'] ??= env['OPENAI_API_BASE_URL'] ?? '';
  input['OPENAI_API_KEYS'] ??= env['OPENAI_API_KEY'] ?? '';
  const parsed = schema.safeParse(input);
  const problems = parsed.success
    ? crossChecks(parsed.data)
    : parsed.error.issues.map((issue) => `${describePath(issue.path)} ${issue.message.replace(/^Invalid option: expected/u, 'must be')}.`);
  if (!parsed.success || problems.length > 0) {
    throw new AppError('CONFIG_INVALID', `The settings cannot be used:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`, { details: { problems } });
  }
  return Object.freeze(parsed.data);
}
