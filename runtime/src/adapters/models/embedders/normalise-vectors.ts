import { AppError } from '../../../domain/errors.ts';

/**
 * A server's vectors as Float32 of length 1. `expected` is the dimension seen before, null at first. Throws EMBEDDING_FAILED,
 * with a sentence that names `model`, for a wrong count, for different or changed dimensions, and for vectors that are empty,
 * not finite or all zero.
 */
export function normaliseVectors(vectors: readonly unknown[], context: { model: string; textCount: number; expected: number | null }): Float32Array[] {
  const fail = (problem: string): never => {
    throw new AppError('EMBEDDING_FAILED', `The embedding model "${context.model}" ${problem}`, { details: { model: context.model } });
  };
  if (vectors.length !== context.textCount) fail(`gave ${vectors.length} vectors for ${context.textCount} texts. Check that it is an embedding model.`);
  let dimensions = context.expected;
  return vectors.map((vector) => {
    if (!Array.isArray(vector) || vector.length === 0) return fail('gave a text no vector. Check that it is an embedding model.');
    dimensions ??= vector.length;
    if (vector.length !== dimensions) {
      return fail(`gave a vector of ${vector.length} numbers where ${dimensions} were expected. It was replaced on the server: restart, so that all documents are embedded again.`);
    }
    let squares = 0;
    for (const value of vector) {
      if (typeof value !== 'number' || !Number.isFinite(value)) return fail('gave a vector with something in it that is not a number. Check the model server\'s log.');
      squares += value * value;
    }
    if (squares === 0 || !Number.isFinite(squares)) return fail('gave a vector without a direction (all zero). Check the model server\'s log.');
    const length = Math.sqrt(squares);
    return Float32Array.from(vector, (value: number) => value / length);
  });
}
