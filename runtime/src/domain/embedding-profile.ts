/** Everything that decides a text's vector. Vectors of different profiles are never compared. */
export type EmbeddingProfile = {
  provider: 'builtin' | 'ollama' | 'openai';
  model: string;
  /** Version of a built-in model, or what the server reports; empty when unknown. */
  revision: string;
  queryPrefix: string;
  passagePrefix: string;
};

/** Short stable name of a profile, usable inside a Chroma collection name: `[a-z0-9]{16}`. */
export type ProfileKey = string;
