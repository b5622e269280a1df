import type * as Core from 'n8n-core';
import type * as N8n from 'n8n-workflow';

/** What n8n shows after "Test" in the form of a credential. */
export interface CredentialTestResult {
  ok: boolean;
  message: string;
}

/** What is needed to send a credential's test request the way n8n's server does. */
export interface CredentialTestParts {
  core: typeof Core;
  workflowModule: typeof N8n;
  credentialType: N8n.ICredentialType;
  values: N8n.ICredentialDataDecryptedObject;
  additionalData: N8n.IWorkflowExecuteAdditionalData;
}

type Rules = Array<N8n.IAuthenticateRuleResponseCode | N8n.IAuthenticateRuleResponseSuccessBody>;

/** n8n sends the test request as that of a declarative node with one hidden parameter. */
function probeNode({ credentialType }: CredentialTestParts): N8n.INodeType {
  const credentials = [{ name: credentialType.name, required: true }];
  const routing = { request: credentialType.test?.request };
  const properties = [{ displayName: 'Probe', name: 'probe', type: 'string', routing, default: '' }];
  const description = { displayName: 'Probe', name: 'probe', group: [], version: 1, description: '', defaults: {}, inputs: ['main'], outputs: ['main'], credentials, properties };
  return { description: description as unknown as N8n.INodeTypeDescription };
}

function routingNode(parts: CredentialTestParts): Core.RoutingNode {
  const { core, workflowModule, credentialType, values, additionalData } = parts;
  const probe = probeNode(parts);
  const reference = { id: '1', name: 'Open WebUI' };
  const node: N8n.INode = { id: '1', name: 'Probe', type: 'probe', typeVersion: 1, position: [0, 0], parameters: {}, credentials: { [credentialType.name]: reference } };
  const nodeTypes = { getByName: () => probe, getByNameAndVersion: () => probe, getKnownTypes: () => ({}) };
  const workflow = new workflowModule.Workflow({ nodes: [node], connections: {}, active: false, nodeTypes });
  const runData = { resultData: { runData: {} } } as unknown as N8n.IRunExecutionData;
  const executeData: N8n.IExecuteData = { node, data: {}, source: null };
  const input = { main: [[{ json: {} }]] };
  const context = new core.ExecuteContext(workflow, node, additionalData, 'internal', runData, 0, [], input, executeData, []);
  return new core.RoutingNode(context, probe, { ...reference, type: credentialType.name, data: values });
}

function statusOf(error: unknown): number | undefined {
  const { cause } = error as { cause?: { response?: { status?: number } } };
  return cause?.response?.status;
}

/** Sends the test request of a credential and applies its rules to the answer, as n8n's server does. */
export async function testCredential(parts: CredentialTestParts): Promise<CredentialTestResult> {
  const rules = (parts.credentialType.test?.rules ?? []) as Rules;
  try {
    const output = await routingNode(parts).runNode();
    const body = output?.[0]?.[0]?.json;
    for (const { type, properties } of rules) {
      if (type !== 'responseSuccessBody') continue;
      const { key, value, message } = properties;
      if (body?.[key] === value) return { ok: false, message };
    }
    return { ok: true, message: 'Connection successful!' };
  } catch (error) {
    const status = statusOf(error);
    const rule = rules.find(({ type, properties }) => type === 'responseCode' && properties.value === status);
    return { ok: false, message: rule?.properties.message ?? (error as Error).message };
  }
}
