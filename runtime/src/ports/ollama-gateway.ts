import type { JsonObject } from '../domain/json.ts';

export type OllamaReply =
  | { kind: 'json'; status: number; body: JsonObject }
  /** newline-delimited JSON objects, already parsed one by one */
  | { kind: 'stream'; lines: AsyncIterable<JsonObject> };

/** Operations of Ollama's own API that any user may call (contract section 4); management is not among them. */
export type OllamaOperation = 'generate' | 'chat' | 'embed' | 'embeddings' | 'show';

/**
 * Ollama's native API over one or more servers, or over the built-in models. Errors as in ModelBackend;
 * an unknown model is OLLAMA_MODEL_NOT_FOUND with details {model}.
 */
export interface OllamaGateway {
  /** Merged entries of /api/tags. */
  tags(signal: AbortSignal): Promise<JsonObject[]>;
  /** Loaded models, merged from /api/ps. */
  ps(signal: AbortSignal): Promise<JsonObject[]>;
  /** Lowest version of all servers; null when none answers. */
  version(signal: AbortSignal): Promise<string | null>;
  serves(model: string, signal: AbortSignal): Promise<boolean>;
  /** `body.model` picks the server (`urlIndex` overrides). generate and chat stream unless `body.stream` is false. */
  call(operation: OllamaOperation, body: JsonObject, options: { urlIndex?: number; signal: AbortSignal }): Promise<OllamaReply>;
}
