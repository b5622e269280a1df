import type {
	ICredentialDataDecryptedObject,
	ICredentialTestRequest,
	ICredentialType,
	IHttpRequestOptions,
	INodeProperties,
} from 'n8n-workflow';
import { ApplicationError } from 'n8n-workflow';

import { baseUrlFault } from '../nodes/shared/baseUrl';
import { customHeaders, headerFault } from '../nodes/shared/customHeaders';

/**
 * What a failed test means. n8n looks at each rule by its own type; its typings know lists of one type only.
 */
const TEST_RULES = [
	{
		type: 'responseCode',
		properties: {
			value: 401,
			message:
				'The server does not accept this API key. Create one in Open WebUI under Settings > Account > API Keys.',
		},
	},
	{
		type: 'responseCode',
		properties: {
			value: 403,
			message:
				'API keys are switched off on this server or for this user. An administrator switches them on under Admin Settings > General.',
		},
	},
	{
		type: 'responseCode',
		properties: {
			value: 404,
			message:
				'There is no Open WebUI API at this address. The base URL is the address of the web page, such as http://127.0.0.1:8080.',
		},
	},
	...[301, 302, 307, 308].map((value) => ({
		type: 'responseCode',
		properties: {
			value,
			message:
				'The server redirects to another address, and the key is not sent there. Enter the address that the browser ends up at, often one with https://.',
		},
	})),
	{
		// A web page instead of JSON has no `data`.
		type: 'responseSuccessBody',
		properties: {
			key: 'data',
			value: undefined,
			message:
				'The server answered with something else than a model list, probably a web page or a login form. Check the base URL and any proxy in front of it.',
		},
	},
] as NonNullable<ICredentialTestRequest['rules']>;

/** The key as it is sent; people paste it with what stands before it in examples. */
function keyOf({ apiKey }: ICredentialDataDecryptedObject): string {
	return String(apiKey ?? '')
		.trim()
		.replace(/^Bearer\s+/i, '');
}

/** Credentials of one Open WebUI server: where it is, who calls, and what a proxy in between wants. */
export class OpenWebUiApi implements ICredentialType {
	name = 'openWebUiApi';

	displayName = 'Open WebUI API';

	icon = {
		light: 'file:../icons/openWebUi.svg',
		dark: 'file:../icons/openWebUi.dark.svg',
	} as const;

	documentationUrl =
		'https://github.com/openwebui-rag/n8n-nodes-openwebui-rag/blob/main/docs/credentials.md';

	httpRequestNode = {
		name: 'Open WebUI',
		docsUrl: 'https://docs.openwebui.com/reference/api-endpoints',
		apiBaseUrlPlaceholder: 'http://127.0.0.1:8080/api/v1/',
	};

	properties: INodeProperties[] = [
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: 'http://127.0.0.1:8080',
			placeholder: 'e.g. http://127.0.0.1:8080',
			required: true,
			description:
				'Address of the Open WebUI server. A trailing slash, /api, /api/v1, /v1 or /ollama is ignored. If n8n runs in Docker, localhost is the n8n container itself: use http://host.docker.internal:8080 or the name of the Open WebUI service. Without Docker prefer 127.0.0.1 to localhost.',
		},
		{
			displayName: 'API Key',
			name: 'apiKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description:
				'Open WebUI: Settings > Account > API Keys. An administrator has to switch API keys on first (Admin Settings > General). A sign-in token (JWT) works as well, until it expires. May stay empty when a proxy adds the authentication.',
		},
		{
			displayName: 'Custom Headers',
			name: 'customHeaders',
			type: 'fixedCollection',
			typeOptions: { multipleValues: true },
			placeholder: 'Add header',
			default: {},
			description: 'Headers sent with every request, for example for an access proxy',
			options: [
				{
					displayName: 'Header',
					name: 'headers',
					values: [
						{
							displayName: 'Name',
							name: 'name',
							type: 'string',
							default: '',
							placeholder: 'e.g. CF-Access-Client-Id',
						},
						{
							displayName: 'Value',
							name: 'value',
							type: 'string',
							typeOptions: { password: true },
							default: '',
						},
					],
				},
			],
		},
		{
			displayName: 'Ignore SSL Issues (Insecure)',
			name: 'ignoreSslIssues',
			type: 'boolean',
			default: false,
			description: 'Whether to connect even if SSL certificate validation is not possible',
		},
	];

	/**
	 * Adds the bearer key (when there is one) and the custom headers to a request; a redirect to another
	 * origin gets neither. Throws when the base URL is none, or a header has a name that cannot be sent.
	 */
	async authenticate(
		credentials: ICredentialDataDecryptedObject,
		requestOptions: IHttpRequestOptions,
	): Promise<IHttpRequestOptions> {
		const fault = baseUrlFault(String(credentials.baseUrl ?? '')) ?? headerFault(credentials);
		if (fault !== undefined) throw new ApplicationError(fault);
		const headers = { ...requestOptions.headers };
		const apiKey = keyOf(credentials);
		if (apiKey !== '') headers.Authorization = `Bearer ${apiKey}`;
		for (const { name, value } of customHeaders(credentials)) headers[name] = value;
		const options = { ...requestOptions, headers, sendCredentialsOnCrossOriginRedirect: false };
		if (credentials.ignoreSslIssues !== true) return options;
		// The HTTP Request node goes by the second name.
		return { ...options, skipSslCertificateValidation: true, rejectUnauthorized: false } as IHttpRequestOptions;
	}

	test: ICredentialTestRequest = {
		request: {
			baseURL:
				'={{ $credentials.baseUrl.trim().replace(/[?#].*$/, "").replace(/^(?!\\w+:\\/\\/)/, "http://").replace(/(\\/(api|v1|ollama|openai))*\\/*$/, "") }}',
			url: '/api/models',
			disableFollowRedirect: true,
			skipSslCertificateValidation: '={{ $credentials.ignoreSslIssues }}',
		},
		rules: TEST_RULES,
	};
}
