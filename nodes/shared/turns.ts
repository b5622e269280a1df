/** Lets work of the same key run one after the other, and other work at the same time. */
export class Turns {
	private readonly last = new Map<string, Promise<unknown>>();

	/** Does the work once all earlier work of the key has ended, however it ended. */
	async take<T>(key: string, work: () => Promise<T>): Promise<T> {
		const before = this.last.get(key) ?? Promise.resolve();
		const turn = before.then(work, work);
		this.last.set(key, turn);
		return await turn;
	}
}
