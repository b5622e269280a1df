const API_SUFFIX = /(\/(api|v1|ollama|openai))*\/*$/;

/**
 * The root of an Open WebUI server from whatever a user pastes: without trailing slash, query and
 * fragment, without `/api`, `/api/v1`, `/v1`, `/ollama`, `/openai`, and with `http://` when the scheme
 * is missing. A path before that, as proxies have it, stays. `test` in the credential does the same.
 */
export function normalizeBaseUrl(raw: string): string {
	const trimmed = raw.trim().replace(/[?#].*$/, '');
	if (trimmed === '') return '';
	const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `http://${trimmed}`;
	return withScheme.replace(API_SUFFIX, '');
}

function parsed(url: string): URL | undefined {
	try {
		return new URL(url);
	} catch {
		return undefined;
	}
}

/**
 * What is wrong with a base URL as it was entered, in words for its user, without repeating what may be
 * a secret. Undefined when it can be used.
 */
export function baseUrlFault(raw: string): string | undefined {
	const normalized = normalizeBaseUrl(raw);
	if (normalized === '') return 'The credential has no base URL';
	const [scheme] = /^[a-z][a-z0-9+.-]*:(?!\d+([/?#]|$))/i.exec(raw.trim()) ?? [];
	if (scheme !== undefined && !/^https?:$/i.test(scheme)) {
		return 'The base URL in the credential must begin with http:// or https://';
	}
	const url = parsed(normalized);
	if (!url || /^https?:(?!\/\/)/i.test(raw.trim()) || /\s/.test(normalized) || url.hostname === '') {
		return 'The base URL in the credential is not an address';
	}
	if (url.username !== '' || url.password !== '') {
		return 'The base URL in the credential must not hold a user name or password';
	}
	return undefined;
}

/** True if the address names the machine (or container) that n8n itself runs on. */
export function isLoopback(baseUrl: string): boolean {
	return /^[a-z]+:\/\/(localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1\])(:|\/|$)/i.test(baseUrl);
}
