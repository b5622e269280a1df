/**
 * The cosine of the angle between two vectors of the same length, none of them all zeros: 1 for the
 * same direction, 0 for nothing in common, -1 for opposites.
 */
export function cosineSimilarity(a: number[], b: number[]): number {
	let product = 0;
	let squaresOfA = 0;
	let squaresOfB = 0;
	for (const [index, valueOfA] of a.entries()) {
		const valueOfB = b[index] ?? 0;
		product += valueOfA * valueOfB;
		squaresOfA += valueOfA * valueOfA;
		squaresOfB += valueOfB * valueOfB;
	}
	// Rounding may lead a little past the ends.
	return Math.max(-1, Math.min(1, product / Math.sqrt(squaresOfA) / Math.sqrt(squaresOfB)));
}
