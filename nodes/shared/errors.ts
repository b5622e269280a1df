import type { IDataObject, IN8nHttpFullResponse, JsonObject } from 'n8n-workflow';
import { NodeApiError } from 'n8n-workflow';

import { isLoopback } from './baseUrl';
import type { RequestContext } from './context';
import { isObject } from './guards';
import { modelHint } from './modelHint';
import { isBusy } from './retry';
import { withoutSecrets } from './secrets';
import { serverMessage } from './serverMessage';

/** What a request was, for the text of an error about it. */
export interface RequestInfo {
	method: string;
	path: string;
	baseUrl: string;
	timeoutMs: number;
	itemIndex?: number;
	/** What must not be shown, should the server repeat it. */
	secrets: string[];
}

const DOCKER_HINT =
	'If n8n runs in Docker, localhost is the n8n container itself: use http://host.docker.internal:<port> or the name of the Open WebUI service as the base URL in the credential.';

const WEB_PAGE_HINT =
	'The base URL in the credential must be the address of Open WebUI itself, such as http://127.0.0.1:8080, without a path of its own. A login page of a proxy answers like this too.';

const MODEL_SERVER_HINT =
	'The model server behind Open WebUI says so: check its key and address there (Admin Settings > Connections), and the name of the model. A proxy in front of Open WebUI may answer like this too.';

/** The routes whose requests Open WebUI passes on. */
const MODEL_ROUTES = /^\/(api\/(chat|embeddings)|ollama|openai)\b/;

/** Open WebUI speaks of itself in `detail`; an `error` is what a model server behind it answered. */
function isOfModelServer(body: unknown, { path }: RequestInfo): boolean {
	return MODEL_ROUTES.test(path) && isObject(body) && body.detail === undefined && Boolean(body.error);
}

function statusHint(
	status: number,
	message: string,
	body: unknown,
	info: RequestInfo,
): string | undefined {
	const ofModel = modelHint(status, message);
	if (ofModel !== undefined) return ofModel;
	if ([401, 403, 404].includes(status) && isOfModelServer(body, info)) return MODEL_SERVER_HINT;
	if (status === 401) {
		return 'Check the API key in the credential (Open WebUI: Settings > Account > API Keys). The server also answers 401 when the user of the key lacks a role or a permission.';
	}
	if (status === 403) {
		return 'The user of the API key may not do this, or API keys are switched off (Open WebUI: Admin Settings > General).';
	}
	if (status === 404)
		return 'Check the ID. If every request ends like this, check the base URL in the credential.';
	if (status === 405) return WEB_PAGE_HINT;
	if (status === 413)
		return 'The limit is set on the server (Open WebUI: Admin Settings > Documents, or a proxy in front of it).';
	if (status === 429)
		return 'The server asks for fewer requests. Lower the number of items or requests at once, or add a pause between them, where the node has such options.';
	if (/Error querying knowledge base/.test(message))
		return 'With hybrid search Open WebUI answers like this also when what is searched holds no file yet. Otherwise look at the log of the server.';
	return undefined;
}

/** How long a server that is busy wants to be left alone, where it tells that in seconds. */
function pauseHint(response: IN8nHttpFullResponse): string | undefined {
	const seconds = Number(response.headers['retry-after'] || NaN);
	return isBusy(response) && seconds > 0 ? `It asks for a pause of ${seconds} seconds.` : undefined;
}

function describe(parts: Array<string | undefined>): string {
	return parts.filter((part) => part !== undefined).join(' ');
}

/** One error with the server's own words for an answer of status 400 or higher. */
export function statusError(
	context: RequestContext,
	response: IN8nHttpFullResponse,
	info: RequestInfo,
): NodeApiError {
	const { statusCode } = response;
	const body = withoutSecrets(response.body as unknown, info.secrets);
	const words = serverMessage(body);
	const message =
		words ?? response.statusMessage ?? `The server answered with status ${statusCode}`;
	const payload: JsonObject = isObject(body)
		? (body as JsonObject)
		: { body: String(body ?? '').slice(0, 1000) };
	return new NodeApiError(context.getNode(), payload, {
		message,
		description: describe([
			statusHint(statusCode, message, body, info),
			pauseHint(response),
			`${info.method} ${info.path} answered with status ${statusCode}.`,
		]),
		httpCode: String(statusCode),
		itemIndex: info.itemIndex,
	});
}

/** An error for a request that the server sends elsewhere. */
export function redirectError(
	context: RequestContext,
	response: IN8nHttpFullResponse,
	info: RequestInfo,
): NodeApiError {
	const location = String(response.headers.location ?? 'another address');
	const target = String(withoutSecrets(location, info.secrets));
	const message = `${info.baseUrl} redirects to ${target}`;
	return new NodeApiError(
		context.getNode(),
		{ message },
		{
			message,
			description: `The key in the credential is not sent to another address, and files are not sent twice. Enter the address that the server redirects to as the base URL in the credential, or, where it is a login page, what the proxy asks for under Custom Headers. ${info.method} ${info.path} answered with status ${response.statusCode}.`,
			httpCode: String(response.statusCode),
			itemIndex: info.itemIndex,
		},
	);
}

/** An error for an answer of status 200 that is a web page. */
export function webPageError(context: RequestContext, info: RequestInfo): NodeApiError {
	return new NodeApiError(
		context.getNode(),
		{ message: 'HTML instead of JSON' },
		{
			message: `${info.baseUrl} answered with a web page instead of data`,
			description: describe([WEB_PAGE_HINT, `Asked for: ${info.method} ${info.path}.`]),
			itemIndex: info.itemIndex,
		},
	);
}

/** An error for an answer whose content makes no sense. `description` says what was expected. */
export function unexpectedAnswer(
	context: RequestContext,
	message: string,
	description: string,
	itemIndex?: number,
): NodeApiError {
	return new NodeApiError(context.getNode(), { message }, { message, description, itemIndex });
}

function causeChain(error: unknown): IDataObject[] {
	const chain: IDataObject[] = [];
	for (let current = error; isObject(current) && chain.length < 6;) {
		chain.push(current);
		const nested: unknown = Array.isArray(current.errors) ? current.errors[0] : undefined;
		current = current.cause ?? nested;
	}
	return chain;
}

/** The system's name of a network fault (ECONNREFUSED, ...), wherever the HTTP client put it. */
export function faultCode(error: unknown): string | undefined {
	const chain = causeChain(error);
	for (const link of chain) {
		for (const value of [link.code, link.httpCode]) {
			if (typeof value === 'string' && /^[A-Z][A-Z0-9_]+$/.test(value)) return value;
		}
	}
	const texts = chain.flatMap((link) => [
		link.message,
		...(Array.isArray(link.messages) ? link.messages : []),
	]);
	return /\b(E[A-Z_]{4,}|[A-Z_]*CERT[A-Z_]*)\b/.exec(texts.map(String).join(' '))?.[1];
}

/** True when the connection broke after it stood: the server may have done the work or not. */
export function isCutConnection(error: unknown): boolean {
	const code = faultCode(error);
	return code !== undefined && ['ECONNRESET', 'EPIPE', 'ERR_BAD_RESPONSE'].includes(code);
}

function faultText(code: string | undefined, info: RequestInfo): [string, string | undefined] {
	const { baseUrl } = info;
	const docker = isLoopback(baseUrl) ? DOCKER_HINT : undefined;
	switch (code) {
		case 'ECONNREFUSED':
			return [
				`Nothing answers at ${baseUrl}: the connection was refused`,
				docker ??
					'Check that Open WebUI is running and that the base URL in the credential has the right port.',
			];
		case 'ENOTFOUND':
		case 'EAI_AGAIN':
			return [`The host name in ${baseUrl} is unknown`, 'Check the base URL in the credential.'];
		case 'ECONNABORTED':
		case 'ETIMEDOUT':
		case 'ESOCKETTIMEDOUT':
			return [
				`${baseUrl} did not answer within ${Math.round(info.timeoutMs / 1000)} seconds`,
				'Raise Options > Timeout, or look at the load of the server.',
			];
		case 'ECONNRESET':
		case 'EPIPE':
		case 'ERR_BAD_RESPONSE':
			return [
				`${baseUrl} closed the connection before it answered`,
				'The server may have been restarted, or a proxy refused the size of the request.',
			];
		default:
			if (code && /CERT|SELF_SIGNED|UNABLE_TO|TLS|SSL/.test(code)) {
				return [
					`The certificate of ${baseUrl} could not be verified`,
					'For a server with its own certificate switch on Ignore SSL Issues in the credential.',
				];
			}
			return [`The request to ${baseUrl} could not be completed`, docker];
	}
}

/** One error for a request that never got an answer: refused, unknown host, timeout, certificate. */
export function networkError(
	context: RequestContext,
	error: unknown,
	info: RequestInfo,
): NodeApiError {
	const code = faultCode(error);
	const [message, hint] = faultText(code, info);
	const said = isObject(error) ? String(error.message ?? '') : String(error);
	const detail = code ?? String(withoutSecrets(said, info.secrets));
	return new NodeApiError(
		context.getNode(),
		{ message },
		{
			message,
			description: describe([hint, `${info.method} ${info.path}: ${detail}`]),
			itemIndex: info.itemIndex,
		},
	);
}

/**
 * True for an error of this module after which the same request may well succeed: the connection was
 * refused or cut, or the server or a proxy was in trouble. A time limit that ran out is none of these.
 */
export function isPassing(error: unknown): boolean {
	if (!isObject(error)) return false;
	if (['500', '502', '504'].includes(String(error.httpCode))) return true;
	return /: (ECONNREFUSED|ECONNRESET|EPIPE|ERR_BAD_RESPONSE)$/.test(String(error.description));
}

/** True for an error of this module that says that no server was there to answer. */
export function isUnreachable(error: unknown): boolean {
	if (!isObject(error)) return false;
	return /: (ECONNREFUSED|ENOTFOUND|EAI_AGAIN)$/.test(String(error.description));
}
