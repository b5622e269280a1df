import { chunkId } from '../../domain/chunk.ts';
import { AppError } from '../../domain/errors.ts';
import type { ChunkStore, ChunkTerms, ChunkVector, FileVersion } from '../../ports/chunk-store.ts';
import type { ReaderServices, ScannerServices, WriterServices } from './services.ts';
import type { PackedVectors } from './vector-scans.ts';
import type { Remote } from './worker-protocol.ts';

/** Chunks whose terms are parsed per turn of the event loop. */
const TERMS_PER_PAGE = 200;

type Parts = {
  ingestion: Remote<WriterServices['ingestion']>;
  reader: Remote<ReaderServices['chunks']>;
  scanner: Remote<ScannerServices['chunks']>;
};

function unpack({ chunks, dimensions, values }: PackedVectors): ChunkVector[] {
  return chunks.map((chunk, index) => ({ ...chunk, vector: values.slice(index * dimensions, (index + 1) * dimensions) }));
}

/** One array for the thread instead of one a vector (a view would drag its whole buffer along). */
function packEmbeddings(embeddings: ReadonlyArray<{ vector: Float32Array }>): Float32Array {
  const dimensions = embeddings[0]?.vector.length ?? 0;
  if (dimensions === 0 || embeddings.some(({ vector }) => vector.length !== dimensions)) {
    throw new AppError('INVALID_INPUT', 'Embeddings saved together must have one length, and none may be empty.');
  }
  const values = new Float32Array(embeddings.length * dimensions);
  embeddings.forEach(({ vector }, index) => values.set(vector, index * dimensions));
  return values;
}

/** The chunk store over the three threads, big answers fetched in pages. */
export function createChunkStore({ ingestion, reader, scanner }: Parts): ChunkStore {
  const termsOf = async ({ fileId, version }: FileVersion): Promise<Array<ChunkTerms & { fileId: string }>> => {
    const all: Array<ChunkTerms & { fileId: string }> = [];
    let fromOrdinal = 0;
    for (;;) {
      const page = await scanner.termsPage(fileId, version, fromOrdinal, TERMS_PER_PAGE);
      for (const { ordinal, terms } of page) {
        all.push({ fileId, chunkId: chunkId(fileId, version, ordinal), terms });
      }
      const last = page.at(-1);
      if (last === undefined || page.length < TERMS_PER_PAGE) return all;
      fromOrdinal = last.ordinal + 1;
    }
  };
  return {
    byIds: reader.byIds,
    ofFile: scanner.ofFile,
    textsWithoutEmbedding: scanner.textsWithoutEmbedding,
    filesWithoutEmbeddings: scanner.filesWithoutEmbeddings,
    countVectors: scanner.countVectors,
    cosines: (chunkIds, profile, query) => reader.cosines(chunkIds, profile, query.slice()),
    nearest: (fileIds, profile, query, k) => scanner.nearest(fileIds, profile, query.slice(), k),
    terms: async (files) => {
      const all: Array<ChunkTerms & { fileId: string }> = [];
      for (const file of files) for (const chunk of await termsOf(file)) all.push(chunk);
      return all;
    },
    saveEmbeddings: async (profile, embeddings) => {
      if (embeddings.length === 0) return;
      await ingestion.saveEmbeddings(profile, embeddings.map(({ textHash }) => textHash), packEmbeddings(embeddings));
    },
    vectors: async (file, profile, offset, limit) => unpack(await scanner.vectors(file, profile, offset, limit)),
    sampleVectors: async (files, profile, count) => unpack(await scanner.sampleVectors(files, profile, count)),
  };
}
