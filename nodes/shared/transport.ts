import type {
	IDataObject,
	IHttpRequestMethods,
	IHttpRequestOptions,
	IN8nHttpFullResponse,
} from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import { baseUrlFault, normalizeBaseUrl } from './baseUrl';
import type { RequestContext } from './context';
import { pause, throwIfCancelled } from './context';
import { headerFault } from './customHeaders';
import type { RequestInfo } from './errors';
import { isCutConnection, networkError, redirectError, statusError, webPageError } from './errors';
import { timeoutMsOf } from './options';
import { MAX_HOPS, sameOriginTarget } from './redirects';
import { faultDelayMs, retryDelayMs } from './retry';
import { secretsOf } from './secrets';
import { isHtml } from './serverMessage';
import { readAll } from './streams';

export const CREDENTIAL = 'openWebUiApi';

/** Time limit of short requests: lists, states, records. A longer one of the user holds for them as well. */
export const SHORT_TIMEOUT_MS = 60_000;

/** Time limit of requests that do real work: local models and large files are slow. */
export const LONG_TIMEOUT_MS = 600_000;

/** A request to Open WebUI. `body` is a function because a retried stream has to be opened anew. */
export interface OpenWebUiRequest {
	method?: IHttpRequestMethods;
	path: string;
	qs?: IDataObject;
	body?: () => IHttpRequestOptions['body'];
	timeoutMs?: number;
	itemIndex?: number;
	/** Ask for the body as a stream (server-sent events). */
	stream?: boolean;
	/** The body is read piece by piece and cannot be sent on to where a redirect leads. */
	upload?: boolean;
	/**
	 * True where doing it twice does no harm, so that it is sent again after a fault of the server or a cut
	 * connection. Reading (GET) always is.
	 */
	repeatable?: boolean;
	/** Answers that are no fault here although their status or kind would be one elsewhere. */
	tolerate?: (response: IN8nHttpFullResponse) => boolean;
}

/** The time limit of a request that has none of its own. Pickers, which the user waits for, keep to the short one. */
function ownTimeoutMs(context: RequestContext, itemIndex = 0): number {
	if ('getCurrentNodeParameter' in context) return SHORT_TIMEOUT_MS;
	const name = 'options.timeout';
	const setMs = (timeout: unknown): number =>
		timeoutMsOf({ timeout } as IDataObject, SHORT_TIMEOUT_MS);
	if (!('getInputData' in context)) return setMs(context.getNodeParameter(name, null));
	return Math.max(SHORT_TIMEOUT_MS, setMs(context.getNodeParameter(name, itemIndex, null)));
}

function requestOptions(
	request: OpenWebUiRequest,
	info: RequestInfo,
	url: string,
): IHttpRequestOptions {
	const options: IHttpRequestOptions = {
		method: request.method ?? 'GET',
		url,
		timeout: info.timeoutMs,
		returnFullResponse: true,
		ignoreHttpStatusErrors: true,
		// n8n would send the headers of the credential to wherever a redirect leads.
		disableFollowRedirect: true,
	};
	if (request.qs) options.qs = request.qs;
	if (request.body) options.body = request.body();
	if (request.stream) options.encoding = 'stream';
	else options.json = true;
	return options;
}

async function requestInfo(
	context: RequestContext,
	request: OpenWebUiRequest,
): Promise<RequestInfo> {
	const credentials = await context.getCredentials(CREDENTIAL);
	const entered = String(credentials.baseUrl ?? '');
	const fault = baseUrlFault(entered);
	if (fault !== undefined) {
		throw new NodeOperationError(context.getNode(), fault, {
			description:
				'Enter the address of Open WebUI in the credential, such as http://127.0.0.1:8080.',
			itemIndex: request.itemIndex,
		});
	}
	const wrongHeader = headerFault(credentials);
	if (wrongHeader !== undefined) {
		throw new NodeOperationError(context.getNode(), wrongHeader, {
			description: 'A name is such as CF-Access-Client-Id; what follows the colon is the value.',
			itemIndex: request.itemIndex,
		});
	}
	return {
		method: request.method ?? 'GET',
		path: request.path,
		baseUrl: normalizeBaseUrl(entered),
		secrets: secretsOf(credentials),
		timeoutMs: request.timeoutMs ?? ownTimeoutMs(context, request.itemIndex),
		itemIndex: request.itemIndex,
	};
}

/** A body that was asked for as a stream is read to its end when it is an error or a plain answer. */
async function withReadableBody(response: IN8nHttpFullResponse): Promise<IN8nHttpFullResponse> {
	const body = (await readAll(response.body)) as IN8nHttpFullResponse['body'];
	return { ...response, body };
}

function isRepeatable(request: OpenWebUiRequest): boolean {
	return request.repeatable ?? (request.method ?? 'GET') === 'GET';
}

/** The answer of a try, or the pause before the next one. */
async function attempt(
	context: RequestContext,
	request: OpenWebUiRequest,
	info: RequestInfo,
	{ url, tries }: { url: string; tries: number },
): Promise<IN8nHttpFullResponse | number> {
	throwIfCancelled(context, info.itemIndex);
	try {
		return (await context.helpers.httpRequestWithAuthentication.call(
			context,
			CREDENTIAL,
			requestOptions(request, info, url),
		)) as IN8nHttpFullResponse;
	} catch (error) {
		throwIfCancelled(context, info.itemIndex);
		const again = isRepeatable(request) && isCutConnection(error);
		const delayMs = again ? faultDelayMs(tries) : undefined;
		if (delayMs !== undefined) return delayMs;
		throw networkError(context, error, info);
	}
}

/**
 * The only way to the network. Sends a request with the node's credential, tries again on 429 and
 * 503 with growing pauses (Retry-After wins) and, when it is repeatable, after a fault of the server
 * or a cut connection. Follows redirects on the same server only. Gives the whole answer of status below 400.
 * Throws one NodeApiError with the server's own words otherwise, NodeOperationError when stopped.
 */
export async function openWebUiResponse(
	context: RequestContext,
	request: OpenWebUiRequest,
): Promise<IN8nHttpFullResponse> {
	const info = await requestInfo(context, request);
	let url = `${info.baseUrl}${request.path}`;
	for (let tries = 1, hops = 0; ; tries++) {
		const response = await attempt(context, request, info, { url, tries });
		if (typeof response === 'number') {
			await pause(context, response, info.itemIndex);
			continue;
		}
		const { statusCode, headers } = response;
		if (request.tolerate?.(response)) return response;
		if (statusCode >= 300 && statusCode < 400) {
			const next = request.upload ? undefined : sameOriginTarget(response, url, info.method);
			if (next === undefined || hops++ >= MAX_HOPS) throw redirectError(context, response, info);
			url = next;
			continue;
		}
		if (statusCode < 400) {
			const html = isHtml(request.stream ? undefined : response.body, headers);
			if (html) throw webPageError(context, info);
			return response;
		}
		const failed = request.stream ? await withReadableBody(response) : response;
		const delayMs = retryDelayMs(statusCode, headers, tries, isRepeatable(request));
		if (delayMs === undefined) throw statusError(context, failed, info);
		await pause(context, delayMs, info.itemIndex);
	}
}

/** As openWebUiResponse, but gives the parsed body. */
export async function openWebUiRequest(
	context: RequestContext,
	request: OpenWebUiRequest,
): Promise<unknown> {
	const response = await openWebUiResponse(context, request);
	return response.body as unknown;
}
