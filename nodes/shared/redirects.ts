import type { IN8nHttpFullResponse } from 'n8n-workflow';

/** A server that sends a request round in circles must not keep a node busy. */
export const MAX_HOPS = 3;

/** Statuses after which a request of any method is sent again as it was. */
const KEEPS_METHOD = [307, 308];

/**
 * Where an answer of status 3xx leads, when that is the same server (scheme, host and port) and the
 * request may be sent again as it was. Undefined otherwise: the headers of a credential belong to its
 * server alone.
 */
export function sameOriginTarget(
	response: IN8nHttpFullResponse,
	url: string,
	method: string,
): string | undefined {
	const { location } = response.headers;
	if (typeof location !== 'string' || location === '') return undefined;
	if (method !== 'GET' && !KEEPS_METHOD.includes(response.statusCode)) return undefined;
	try {
		const target = new URL(location, url);
		return target.origin === new URL(url).origin ? target.href : undefined;
	} catch {
		return undefined;
	}
}
