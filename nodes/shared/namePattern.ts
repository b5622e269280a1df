/** As texts are compared: the parts of a letter may be stored joined or apart, as macOS does it. */
export function comparable(value: unknown): string {
	return String(value ?? '').trim().normalize('NFC');
}

/**
 * Tests whole names against a pattern in upper or lower case; `*` stands for any text, `?` for one letter.
 */
export function nameTest(pattern: string): (name: unknown) => boolean {
	const escaped = comparable(pattern).replace(/[.+^${}()|[\]\\]/g, '\\$&');
	const expression = escaped.replace(/\*+/g, '.*').replace(/\?/g, '.');
	const matcher = new RegExp(`^${expression}$`, 'isu');
	return (name) => matcher.test(comparable(name));
}
