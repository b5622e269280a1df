import { unflattened } from './flattened.ts';
import { CREDENTIAL_ID, CREDENTIAL_TYPE } from './workflows.ts';

const OWNER = { email: 'owner@example.com', firstName: 'Olivia', lastName: 'Owner', password: 'Owner-password-1' };

export type NodeTypeInfo = { name: string; displayName: string; usableAsTool?: unknown; hidden?: boolean };
export type CredentialTest = { status: 'OK' | 'Error'; message: string };
export type Execution = { id: string; status: string; mode: string };
export type PickerEntry = { name: string; value: string };

export type PickerQuestion = {
  nodeType: string;
  /** The parameter's path, as the editor sends it. */
  path: string;
  methodName: string;
  filter?: string;
};

/** What the editor asks its own server, in the name of the instance's owner. */
export class N8nRest {
  readonly url: string;
  /** The session's cookie, `name=value`. */
  readonly cookie: string;

  private constructor(url: string, cookie: string) {
    this.url = url;
    this.cookie = cookie;
  }

  /** Makes the owner of a fresh instance and is logged in as such. */
  static async asNewOwner(url: string): Promise<N8nRest> {
    const response = await fetch(`${url}/rest/owner/setup`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(OWNER),
    });
    const cookie = response.headers.getSetCookie().find((entry) => entry.startsWith('n8n-auth='));
    if (cookie === undefined) throw new Error(`The owner could not be made: ${response.status} ${await response.text()}`);
    return new N8nRest(url, cookie.split(';')[0] ?? '');
  }

  private async ask(path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${this.url}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { cookie: this.cookie, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path} answered with status ${response.status}: ${text}`);
    return JSON.parse(text);
  }

  private async data<T>(path: string, body?: unknown): Promise<T> {
    return ((await this.ask(path, body)) as { data: T }).data;
  }

  /** The types that the editor's node list is made from. */
  async nodeTypes(): Promise<NodeTypeInfo[]> {
    return (await this.ask('/types/nodes.json')) as NodeTypeInfo[];
  }

  async credentialTypes(): Promise<{ name: string; displayName: string }[]> {
    return (await this.ask('/types/credentials.json')) as { name: string; displayName: string }[];
  }

  /** The "Test" of the credential form, with the form's unsaved values. */
  testCredential(data: Record<string, unknown>): Promise<CredentialTest> {
    const credentials = { id: CREDENTIAL_ID, name: 'Open WebUI API', type: CREDENTIAL_TYPE, data };
    return this.data('/rest/credentials/test', { credentials });
  }

  /** What a picker of a node shows. */
  async picker(question: PickerQuestion): Promise<PickerEntry[]> {
    const { nodeType, ...rest } = question;
    const answer = await this.data<{ results: PickerEntry[] }>('/rest/dynamic-node-parameters/resource-locator-results', {
      ...rest,
      nodeTypeAndVersion: { name: nodeType, version: 1 },
      currentNodeParameters: {},
      credentials: { [CREDENTIAL_TYPE]: { id: CREDENTIAL_ID, name: 'Open WebUI API' } },
    });
    return answer.results;
  }

  /** Saves a new workflow of the owner. Resolves with its id. */
  async createWorkflow(workflow: object): Promise<string> {
    return (await this.data<{ id: string }>('/rest/workflows', workflow)).id;
  }

  /** What the triggers of a workflow remember from run to run, as n8n has stored it. */
  async staticData(workflowId: string): Promise<Record<string, unknown>> {
    return (await this.data<{ staticData: Record<string, unknown> | null }>(`/rest/workflows/${workflowId}`)).staticData ?? {};
  }

  /** Finished and running executions of a workflow, newest first. */
  async executions(workflowId: string): Promise<Execution[]> {
    const filter = encodeURIComponent(JSON.stringify({ workflowId }));
    return (await this.data<{ results: Execution[] }>(`/rest/executions?filter=${filter}&limit=50`)).results;
  }

  /** The items of the first output of a node in a finished execution. */
  async itemsOf(executionId: string, nodeName: string): Promise<Record<string, unknown>[]> {
    type Run = { data: { main: ({ json: Record<string, unknown> }[] | null)[] } };
    const { data } = await this.data<{ data: string }>(`/rest/executions/${executionId}`);
    const { resultData } = unflattened(data) as { resultData: { runData: Record<string, Run[]> } };
    return (resultData.runData[nodeName]?.[0]?.data.main[0] ?? []).map(({ json }) => json);
  }
}
