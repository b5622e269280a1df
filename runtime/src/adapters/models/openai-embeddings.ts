import type { Json, JsonObject } from '../../domain/json.ts';

function encode(vector: readonly number[], encodingFormat: Json | undefined): Json {
  if (encodingFormat !== 'base64') return [...vector];
  const bytes = Buffer.alloc(vector.length * 4);
  vector.forEach((value, i) => bytes.writeFloatLE(value, i * 4));
  return bytes.toString('base64');
}

/** An OpenAI embeddings answer; `encoding_format: "base64"` (what the openai client asks for by itself) gives little-endian Float32. */
export function openAiEmbeddings(vectors: readonly (readonly number[])[], request: JsonObject): JsonObject {
  return {
    object: 'list',
    data: vectors.map((vector, index) => ({ object: 'embedding', embedding: encode(vector, request['encoding_format']), index })),
    model: request['model'] ?? '',
  };
}
