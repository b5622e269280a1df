const API_SUFFIX = /(\/(api|v1|ollama|openai))*\/*$/;

/**
 * The root of an Open WebUI server from whatever a user pastes: without trailing slash, without
 * `/api`, `/api/v1`, `/v1`, `/ollama`, `/openai`, and with `http://` when the scheme is missing.
 */
export function normalizeBaseUrl(raw: string): string {
	const trimmed = raw.trim();
	if (trimmed === '') return '';
	const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `http://${trimmed}`;
	return withScheme.replace(API_SUFFIX, '');
}

/** True if the address names the machine (or container) that n8n itself runs on. */
export function isLoopback(baseUrl: string): boolean {
	return /^[a-z]+:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:|\/|$)/i.test(baseUrl);
}
