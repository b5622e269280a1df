import type { JsonObject } from '../../runtime/src/domain/json.ts';

/** A signal that nobody aborts. */
export const NEVER: AbortSignal = new AbortController().signal;

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

type Choice = { delta?: { content?: string }; message?: { content?: string }; finish_reason: string | null };

/** The first choice of a chat answer or chunk. */
export function choice(answer: JsonObject): Choice | undefined {
  return (answer as { choices: Choice[] }).choices[0];
}

/** The text that the chunks of a stream add up to. */
export function streamedText(chunks: readonly JsonObject[]): string {
  return chunks.map((chunk) => ('choices' in chunk ? (choice(chunk)?.delta?.content ?? '') : '')).join('');
}
