/**
 * Does the work for every index below `count`, at most `concurrency` at the same time, in order. After
 * the first failure no more is begun, and that failure is thrown.
 */
export async function eachBounded(
	count: number,
	concurrency: number,
	work: (index: number) => Promise<void>,
): Promise<void> {
	let next = 0;
	let failed = false;
	const worker = async (): Promise<void> => {
		while (next < count && !failed) {
			let done = false;
			try {
				await work(next++);
				done = true;
			} finally {
				failed ||= !done;
			}
		}
	};
	const workers = Math.max(1, Math.min(Math.floor(concurrency) || 1, count));
	await Promise.all(Array.from({ length: workers }, worker));
}
