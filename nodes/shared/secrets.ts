import type { IDataObject } from 'n8n-workflow';

import { customHeaders } from './customHeaders';
import { textOf } from './guards';

/** A shorter value, such as "1" or "true", stands everywhere and is no secret. */
const MIN_SECRET_LENGTH = 6;

/** The values of a credential that no error may show: its key and the values of its headers. */
export function secretsOf(credentials: IDataObject): string[] {
	const values = [credentials.apiKey, ...customHeaders(credentials).map(({ value }) => value)];
	return values
		.map((value) => (textOf(value) ?? '').trim().replace(/^(Bearer|Basic)\s+/i, ''))
		.filter((value) => value.length >= MIN_SECRET_LENGTH);
}

/** The text, or the text parts of a JSON value, with asterisks in place of the secrets. */
export function withoutSecrets(value: unknown, secrets: string[]): unknown {
	if (typeof value === 'string') {
		return secrets.reduce((text, secret) => text.split(secret).join('***'), value);
	}
	if (Array.isArray(value)) return value.map((entry) => withoutSecrets(entry, secrets));
	if (typeof value !== 'object' || value === null) return value;
	return Object.fromEntries(
		Object.entries(value).map(([name, entry]) => [name, withoutSecrets(entry, secrets)]),
	);
}
