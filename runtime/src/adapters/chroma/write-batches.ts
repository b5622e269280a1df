import type { VectorRecord } from '../../ports/vector-index.ts';

/** Chroma takes 5,461 records a write; about a thousand is its fastest and keeps our event loop free between two. */
const maxRecords = 1_000;
/**
 * Chroma takes 40 MiB a request. Vectors travel as base64 (16/3 bytes a number) or, to a server that does not know that,
 * as decimals (up to 22): 8 MiB of the first are at most 33 MiB of the second.
 */
const maxBytes = 8 * 1024 * 1024;
const bytesPerNumber = 16 / 3;
/** Quotes, commas, braces and the metadata's key. */
const bytesPerRecord = 64;

/** Splits what is to be written into requests that the server takes; of several records with one id the last is kept. */
export function writeBatches(records: readonly VectorRecord[]): VectorRecord[][] {
  const byId = new Map(records.map((record) => [record.id, record]));
  const batches: VectorRecord[][] = [];
  let batch: VectorRecord[] = [];
  let bytes = 0;
  for (const record of byId.values()) {
    // An id is at most three bytes a UTF-16 unit.
    const size = record.vector.length * bytesPerNumber + 3 * (record.id.length + record.fileId.length) + bytesPerRecord;
    if (batch.length === maxRecords || (batch.length > 0 && bytes + size > maxBytes)) {
      batches.push(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(record);
    bytes += size;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}
