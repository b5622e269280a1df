/**
 * Does the work for every index below `count`, at most `concurrency` at the same time, in order, and rests
 * between two pieces of work; `after` is the index of the first of them. After the first failure no more is
 * begun, and that failure is thrown.
 */
export async function eachBounded(
	count: number,
	concurrency: number,
	work: (index: number) => Promise<void>,
	rest?: (after: number) => Promise<void>,
): Promise<void> {
	let next = 0;
	let failed = false;
	const worker = async (): Promise<void> => {
		for (let last: number | undefined; next < count && !failed;) {
			let done = false;
			try {
				if (last !== undefined) await rest?.(last);
				// Others may have taken the last one meanwhile.
				if (next < count && !failed) await work((last = next++));
				done = true;
			} finally {
				failed ||= !done;
			}
		}
	};
	const workers = Math.max(1, Math.min(Math.floor(concurrency) || 1, count));
	await Promise.all(Array.from({ length: workers }, worker));
}
