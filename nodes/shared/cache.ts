/**
 * Remembers answers for the length of one node run, so that many items ask (or create) once. A failed
 * answer is not remembered.
 */
export class RunCache<T> {
	private readonly answers = new Map<string, Promise<T>>();

	/** The remembered answer for the key, or the one that `ask` gives now. */
	async get(key: string, ask: () => Promise<T>): Promise<T> {
		const known = this.answers.get(key);
		if (known) return await known;
		const answer = ask();
		this.answers.set(key, answer);
		answer.catch(() => this.answers.delete(key));
		return await answer;
	}
}
