import { chunkId } from '../../domain/chunk.ts';
import type { FileVersion } from '../../ports/chunk-store.ts';
import { dot, toFloats } from './floats.ts';
import type { Sql } from './sql.ts';
import { createTopK } from './top-k.ts';
import { createVectorCache, type VectorBlock } from './vector-cache.ts';

type VectorRow = { ordinal: number; vector: Uint8Array };
type CountRow = { file_id: string; version: number; total: number };

/** Vectors packed one after another: one buffer crosses threads faster than thousands. */
export type PackedVectors = { chunks: Array<{ chunkId: string; fileId: string }>; dimensions: number; values: Float32Array };

const STORED = `SELECT f.id, f.extraction_count FROM json_each(?) wanted JOIN files f ON f.id = wanted.value WHERE f.is_hidden = 0`;
const STORED_VERSION = 'SELECT version, count(*) AS total FROM chunks WHERE file_id = ? GROUP BY version';
const VECTORS = `SELECT c.ordinal, e.vector FROM chunks c JOIN embeddings e ON e.text_hash = c.text_hash AND e.profile = ?1
  WHERE c.file_id = ?2 AND c.version = ?3 ORDER BY c.ordinal LIMIT ?4 OFFSET ?5`;
const VECTOR_FROM = `SELECT c.ordinal, e.vector FROM chunks c JOIN embeddings e ON e.text_hash = c.text_hash AND e.profile = ?1
  WHERE c.file_id = ?2 AND c.version = ?3 AND c.ordinal >= ?4 ORDER BY c.ordinal LIMIT 1`;
const COUNTS = `SELECT c.file_id, c.version, count(*) AS total
  FROM json_each(?) wanted JOIN chunks c ON c.file_id = wanted.value ->> 'fileId' AND c.version = wanted.value ->> 'version'
  GROUP BY c.file_id, c.version`;

function pack(rows: ReadonlyArray<{ chunkId: string; fileId: string; vector: Float32Array }>): PackedVectors {
  const dimensions = rows[0]?.vector.length ?? 0;
  const alike = rows.filter((row) => row.vector.length === dimensions);
  const values = new Float32Array(alike.length * dimensions);
  alike.forEach((row, index) => values.set(row.vector, index * dimensions));
  return { chunks: alike.map(({ chunkId: id, fileId }) => ({ chunkId: id, fileId })), dimensions, values };
}

const COUNT_VECTORS = `SELECT count(*) AS total
  FROM json_each(?1) wanted JOIN chunks c ON c.file_id = wanted.value ->> 'fileId' AND c.version = wanted.value ->> 'version'
  JOIN embeddings e ON e.text_hash = c.text_hash AND e.profile = ?2`;

/** A file's stored vectors in one array, and whether every chunk has one. */
function loadBlock(sql: Sql, fileId: string, profile: string): { block: VectorBlock; isWhole: boolean } | null {
  const stored = sql.get<{ version: number; total: number }>(STORED_VERSION, fileId);
  if (stored === undefined) return null;
  const rows = sql.all<VectorRow>(VECTORS, profile, fileId, stored.version, -1, 0);
  const vectors = rows.map((row) => ({ ordinal: row.ordinal, vector: toFloats(row.vector) }));
  const dimensions = vectors[0]?.vector.length ?? 0;
  const values = new Float32Array(vectors.length * dimensions);
  vectors.forEach(({ vector }, index) => values.set(vector.subarray(0, dimensions), index * dimensions));
  const ordinals = Uint32Array.from(vectors, ({ ordinal }) => ordinal);
  return { block: { version: stored.version, dimensions, ordinals, values }, isWhole: vectors.length === stored.total };
}

export function vectorScans(sql: Sql, cacheBytes: number) {
  const cache = createVectorCache(cacheBytes);

  const blockOf = (fileId: string, extractionCount: number, profile: string): VectorBlock | null => {
    const key = `${profile} ${extractionCount} ${fileId}`;
    const cached = cache.get(key);
    if (cached !== undefined) return cached;
    const loaded = loadBlock(sql, fileId, profile);
    if (loaded?.isWhole === true) cache.set(key, loaded.block);
    return loaded?.block ?? null;
  };

  return {
    nearest: (fileIds: readonly string[], profile: string, query: Float32Array, k: number): Array<{ chunkId: string; cosine: number }> => {
      const top = createTopK<{ fileId: string; version: number; ordinal: number }>(k);
      const ids = JSON.stringify([...new Set(fileIds)]);
      for (const { id, extraction_count: count } of sql.all<{ id: string; extraction_count: number }>(STORED, ids)) {
        const block = blockOf(id, count, profile);
        if (block === null || block.dimensions !== query.length) continue;
        for (let index = 0; index < block.ordinals.length; index += 1) {
          const cosine = dot(query, block.values, index * block.dimensions);
          if (top.accepts(cosine)) top.add(cosine, { fileId: id, version: block.version, ordinal: block.ordinals[index] as number });
        }
      }
      return top.best().map(({ score, item }) => ({ chunkId: chunkId(item.fileId, item.version, item.ordinal), cosine: score }));
    },
    vectors: ({ fileId, version }: FileVersion, profile: string, offset: number, limit: number): PackedVectors =>
      pack(sql.all<VectorRow>(VECTORS, profile, fileId, version, limit, offset)
        .map((row) => ({ chunkId: chunkId(fileId, version, row.ordinal), fileId, vector: toFloats(row.vector) }))),
    countVectors: (files: readonly FileVersion[], profile: string): number =>
      sql.get<{ total: number }>(COUNT_VECTORS, JSON.stringify(files), profile)?.total ?? 0,
    /** Evenly spaced from a random start, so that each check after a start looks at other places. */
    sampleVectors: (files: readonly FileVersion[], profile: string, count: number): PackedVectors => {
      const counts = sql.all<CountRow>(COUNTS, JSON.stringify(files));
      const total = counts.reduce((sum, row) => sum + row.total, 0);
      const stride = Math.max(1, total / count);
      const found = new Map<string, { chunkId: string; fileId: string; vector: Float32Array }>();
      let position = Math.random() * Math.min(stride, total);
      let passed = 0;
      for (const { file_id: fileId, version, total: chunks } of counts) {
        for (; position < passed + chunks && found.size < count; position += stride) {
          const row = sql.get<VectorRow>(VECTOR_FROM, profile, fileId, version, Math.floor(position - passed));
          if (row === undefined) continue;
          const id = chunkId(fileId, version, row.ordinal);
          found.set(id, { chunkId: id, fileId, vector: toFloats(row.vector) });
        }
        passed += chunks;
      }
      return pack([...found.values()]);
    },
  };
}
