import type { JsonObject } from '../domain/json.ts';

/** An entry of GET /api/models, in the contract's shape (section 2.1); `id` is what clients send as `model`. */
export type ModelEntry = JsonObject & { id: string; name: string; object: string; owned_by: string };

export type BackendHealth = { name: string; url: string; ok: boolean; error: string | null };

/**
 * A group of model servers of one kind behind OpenAI's chat vocabulary. Requests and answers are OpenAI-shaped objects
 * (contract 3.1, 3.2), whatever the server speaks. Errors: UPSTREAM_ERROR with details {status, body, retryAfter?,
 * source: 'openai' | 'ollama'}, UPSTREAM_UNREACHABLE, UPSTREAM_TIMEOUT, UPSTREAM_INVALID_RESPONSE; aborts pass unwrapped.
 */
export interface ModelBackend {
  readonly kind: 'ollama' | 'openai' | 'builtin';
  /** Models of every reachable server; a dead one is left out and remembered for `health`. Cached for a moment. */
  models(signal: AbortSignal): Promise<ModelEntry[]>;
  /** Whether the model is served here, by the same list as `models`. */
  serves(model: string, signal: AbortSignal): Promise<boolean>;
  chat(request: JsonObject, signal: AbortSignal): Promise<JsonObject>;
  /** Chunks (`chat.completion.chunk` objects) as they come, without `[DONE]`; an `{error}` object if the server broke off. Ends the upstream request when the consumer stops. */
  chatStream(request: JsonObject, signal: AbortSignal): AsyncIterable<JsonObject>;
  /** OpenAI-shaped embeddings answer for POST /api/embeddings. */
  embeddings(request: JsonObject, signal: AbortSignal): Promise<JsonObject>;
  /** Last known state of each server. */
  health(): BackendHealth[];
}
