import type { IN8nHttpFullResponse } from 'n8n-workflow';

import { isHtml, serverMessage } from './serverMessage';

/**
 * Whether the server does not have the route of a GET request, as older versions lack newer ones. Open
 * WebUI answers with its web page, without one with a bare "Not Found"; a thing that is not there has
 * other words. Some routes are then read as the ID of a thing, which `readAsId` tells.
 */
export function isMissingRoute(
	{ statusCode, body, headers }: IN8nHttpFullResponse,
	readAsId = false,
): boolean {
	if (statusCode === 405 || isHtml(body, headers)) return true;
	const words = serverMessage(body) ?? '';
	if (statusCode === 404 && words === 'Not Found') return true;
	return readAsId && [401, 404].includes(statusCode) && /could not find/i.test(words);
}
