import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export type InputType = 'query' | 'passage';
export type Embed = (texts: readonly string[], type: InputType) => Promise<Float32Array[]>;

const BATCH_SIZE = 16;

/** Asks an OpenAI-compatible server; vectors are kept in `cacheDir`, because a small machine takes minutes for a thousand passages. */
export function serverEmbedder(url: string, model: string, cacheDir: string): Embed {
  mkdirSync(cacheDir, { recursive: true });
  const path = join(cacheDir, `${model.replace(/[^\w.-]/g, '_')}.jsonl`);
  const known = new Map<string, Float32Array>();
  if (existsSync(path)) {
    for (const line of readFileSync(path, 'utf8').split('\n')) {
      if (line === '') continue;
      const { k, v } = JSON.parse(line) as { k: string; v: string };
      known.set(k, fromBase64(v));
    }
  }
  const key = (type: InputType, text: string): string => createHash('sha256').update(`${type}\n${text}`).digest('hex');
  return async (texts, type) => {
    const missing = [...new Set(texts.filter((text) => !known.has(key(type, text))))];
    for (let from = 0; from < missing.length; from += BATCH_SIZE) {
      const batch = missing.slice(from, from + BATCH_SIZE);
      const vectors = await request(url, model, batch, type);
      for (const [index, text] of batch.entries()) {
        const vector = vectors[index] ?? new Float32Array(0);
        known.set(key(type, text), vector);
        appendFileSync(path, `${JSON.stringify({ k: key(type, text), v: Buffer.from(vector.buffer).toString('base64') })}\n`);
      }
    }
    return texts.map((text) => known.get(key(type, text)) ?? new Float32Array(0));
  };
}

async function request(url: string, model: string, input: string[], type: InputType): Promise<Float32Array[]> {
  const response = await fetch(`${url.replace(/\/$/, '')}/embeddings`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, input, input_type: type }),
    signal: AbortSignal.timeout(300_000),
  });
  if (!response.ok) throw new Error(`The embedding server answered ${response.status}: ${await response.text()}`);
  const { data } = (await response.json()) as { data: Array<{ embedding: number[] }> };
  return data.map((item) => Float32Array.from(item.embedding));
}

function fromBase64(text: string): Float32Array {
  const bytes = Buffer.from(text, 'base64');
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

export function cosine(a: Float32Array, b: Float32Array): number {
  let dot = 0;
  let lengthA = 0;
  let lengthB = 0;
  for (const [index, value] of a.entries()) {
    const other = b[index] ?? 0;
    dot += value * other;
    lengthA += value * value;
    lengthB += other * other;
  }
  return dot === 0 ? 0 : dot / Math.sqrt(lengthA * lengthB);
}
