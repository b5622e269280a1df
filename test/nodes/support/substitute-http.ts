import { ClientRequest } from 'node:http';

import type { IExecuteFunctions, INodeExecutionData, INodeType } from 'n8n-workflow';

import type { Json } from './engine-types.ts';
import { nodeOf, parametersOf } from './substitute-node.ts';

/** Time limits that n8n's HTTP client has set on its requests so far, in milliseconds. */
const timeoutsMs: number[] = [];

const { setTimeout: original } = ClientRequest.prototype;
ClientRequest.prototype.setTimeout = function (this: ClientRequest, timeoutMs, callback) {
  timeoutsMs.push(timeoutMs);
  return original.call(this, timeoutMs, callback);
};

/** As n8n's own: a request with a predefined credential, whose answer becomes a file. */
async function download(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
  const items = await Promise.all(this.getInputData().map(async (_, index) => {
    const { url } = parametersOf(this, index)['options'] as { url: string };
    const request = { method: 'GET' as const, uri: url, encoding: null, resolveWithFullResponse: false };
    const body = (await this.helpers.requestWithAuthentication.call(this, 'openWebUiApi', request, undefined, index)) as Buffer;
    return { json: {}, binary: { data: await this.helpers.prepareBinaryData(body, 'download') }, pairedItem: { item: index } };
  }));
  return [items];
}

async function tellTimeouts(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
  return [[{ json: { timeoutsMs: timeoutsMs.splice(0) } as Json as never, pairedItem: { item: 0 } }]];
}

/** Stand-ins that use n8n's HTTP client, and one that tells what was asked of it. */
export const substitutes: Record<string, INodeType> = {
  'n8n-nodes-base.httpRequest': nodeOf('httpRequest', ['main'], download),
  'test.timeouts': nodeOf('timeouts', ['main'], tellTimeouts),
};
