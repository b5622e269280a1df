/** The kinds of model server that are called over HTTP; named in the details of every error. */
export type UpstreamSource = 'ollama' | 'openai';

/** Where and how a model server is reached. All times in milliseconds. */
export type UpstreamTarget = {
  source: UpstreamSource;
  /** Without a trailing slash; may carry user-info, which is never shown. */
  baseUrl: string;
  /** Sent as `Authorization: Bearer`; empty for none. Cut out of every error text. */
  apiKey: string;
  limits: UpstreamLimits;
};

export type UpstreamLimits = {
  connectTimeoutMs: number;
  /** Until a stream's headers: a model that is being loaded answers only then. */
  headersTimeoutMs: number;
  /** Longest silence inside a body. */
  idleTimeoutMs: number;
  /** Longest whole answer, embeddings excepted. */
  totalTimeoutMs: number;
  embeddingTimeoutMs: number;
  /** Model lists, versions and the like. */
  listTimeoutMs: number;
  maxBodyBytes: number;
  maxLineBytes: number;
};

/**
 * Connect 5 s, headers and silence 60 s, chats 600 s, embeddings 120 s: long enough for a large model that is loaded from
 * disk on a CPU, short enough that a hung server is noticed. Lists 10 s as in Open WebUI. A line of 1 MB is far above any
 * chunk of text; 64 MB holds 2,000 embeddings of 3,072 numbers written out in full.
 */
export const DEFAULT_UPSTREAM_LIMITS: UpstreamLimits = {
  connectTimeoutMs: 5_000,
  headersTimeoutMs: 60_000,
  idleTimeoutMs: 60_000,
  totalTimeoutMs: 600_000,
  embeddingTimeoutMs: 120_000,
  listTimeoutMs: 10_000,
  maxBodyBytes: 64 * 1024 * 1024,
  maxLineBytes: 1024 * 1024,
};

/** Scheme, host, port and path only: fit for logs and messages. */
export function displayUrl(baseUrl: string): string {
  if (!URL.canParse(baseUrl)) return 'an invalid address';
  const url = new URL(baseUrl);
  return `${url.protocol}//${url.host}${url.pathname === '/' ? '' : url.pathname}`;
}

/** Trims spaces and trailing slashes, so that paths can be appended. */
export function cleanBaseUrl(baseUrl: string): string {
  let end = baseUrl.trim();
  while (end.endsWith('/')) end = end.slice(0, -1);
  return end;
}
