import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';

import type * as Core from 'n8n-core';
import type * as N8n from 'n8n-workflow';

import { testCredential } from './engine-credential-test.ts';
import { credentialsHelper } from './engine-credentials.ts';
import { openHost } from './engine-host.ts';
import type { Host } from './engine-host.ts';
import { MemoryWatch } from './engine-memory.ts';
import { pollOnce } from './engine-poll.ts';
import { toRunResult } from './engine-result.ts';
import type {
  Engine,
  EngineOptions,
  HostReport,
  InputFile,
  InputItem,
  Json,
  ListSearchRequest,
  ListSearchResult,
  PollRequest,
  PollResult,
  RunOptions,
  RunResult,
  WorkflowFile,
  WorkflowNode,
} from './engine-types.ts';
import { substitutes, TRIGGER_TYPES, triggerOf } from './substitutes.ts';
import { nameWithoutTool, toolTypeOf } from './tool-type.ts';

const CREDENTIAL = 'openWebUiApi';

/** n8n wants real addresses here even when nothing listens. */
const UNUSED_URL = 'http://127.0.0.1:9/';

type Loader = InstanceType<typeof Core.PackageDirectoryLoader>;

/** n8n's engine in this process, with the built node pack loaded the way n8n loads it. */
class InProcessEngine implements Engine {
  private readonly loaded: Host;
  private readonly core: typeof Core;
  private readonly workflowModule: typeof N8n;
  /** The node pack first, then the other packages. */
  private readonly loaders: Loader[];
  private readonly loader: Loader;
  private readonly options: EngineOptions;
  private readonly extra: Record<string, N8n.INodeType>;
  private cancel: () => void = () => undefined;

  constructor(host: Host, loader: Loader, others: Loader[], options: EngineOptions, extra: Record<string, N8n.INodeType>) {
    this.loaded = host;
    this.core = host.core;
    this.workflowModule = host.workflow;
    this.loader = loader;
    this.loaders = [loader, ...others];
    this.options = options;
    this.extra = extra;
  }

  async host(): Promise<HostReport> {
    return this.loaded.report();
  }

  async run(file: WorkflowFile, options: RunOptions = {}): Promise<RunResult> {
    const triggers = this.triggersFor(options.inputItems);
    const workflow = this.workflowOf(file, triggers);
    const startNode = this.startNodeOf(workflow, options.startNode);
    const hooks = new this.core.ExecutionLifecycleHooks('manual', '1', { id: '1', name: file.name ?? 'workflow', nodes: [], connections: {} } as never);
    const chunks: RunResult['chunks'] = [];
    const responses: RunResult['responses'] = [];
    if (options.streaming) {
      hooks.addHandler('sendChunk', (chunk) => {
        chunks.push({ type: chunk.type, itemIndex: chunk.metadata.itemIndex, ...(chunk.content === undefined ? {} : { content: chunk.content }) });
      });
    }
    hooks.addHandler('sendResponse', (response) => {
      responses.push(response as unknown as Record<string, unknown>);
    });
    const messages: RunResult['messages'] = [];
    const additionalData = this.additionalData(hooks, options.streaming === true, options.credential);
    additionalData.sendDataToUI = (_type, data) => void messages.push(...((data as { messages?: unknown[] }).messages ?? []).map(String));
    const execution = this.loaded.start(new this.core.WorkflowExecute(additionalData, 'manual'), workflow, startNode);
    let cancelledAtMs: number | undefined;
    this.cancel = () => {
      cancelledAtMs = performance.now();
      execution.cancel();
    };
    const memory = new MemoryWatch();
    hooks.addHandler('nodeExecuteBefore', (name) => memory.enter(name));
    try {
      const outcome = toRunResult(await execution);
      const stopping = cancelledAtMs === undefined ? {} : { stoppedAfterMs: performance.now() - cancelledAtMs };
      return { ...outcome, chunks, responses, messages, ...memory.stop(), ...stopping };
    } finally {
      memory.stop();
    }
  }

  async stop(): Promise<void> {
    this.cancel();
  }

  async poll(request: PollRequest): Promise<PollResult> {
    const workflow = this.workflowOf({ nodes: [request.node], connections: {}, staticData: request.state }, {});
    const node = this.startNodeOf(workflow, request.node.name);
    const hooks = new this.core.ExecutionLifecycleHooks('trigger', '1', { id: '1', name: 'poll', nodes: [], connections: {} } as never);
    const additionalData = this.additionalData(hooks, false, request.credential);
    return await pollOnce({ core: this.core, workflow, node, additionalData }, request.timesAtOnce ?? 1);
  }

  async listSearch(request: ListSearchRequest): Promise<ListSearchResult> {
    const name = `${this.loader.packageName}.${request.node}`;
    const workflow = this.workflowOf({ nodes: [{ name: 'Picker', type: name }], connections: {} }, {});
    const node = workflow.getNode('Picker');
    const method = this.nodeType(name, undefined, {}).methods?.listSearch?.[request.method];
    if (!node || !method) throw new Error(`${name} has no picker ${request.method}`);
    const hooks = new this.core.ExecutionLifecycleHooks('manual', '1', { id: '1', name: 'picker', nodes: [], connections: {} } as never);
    const context = new this.core.LoadOptionsContext(workflow, node, this.additionalData(hooks, false, {}), '');
    const found = await method.call(context as unknown as N8n.ILoadOptionsFunctions, request.filter, request.paginationToken);
    return JSON.parse(JSON.stringify(found)) as ListSearchResult;
  }

  async subtitle(node: WorkflowNode): Promise<string> {
    const workflow = this.workflowOf({ nodes: [node], connections: {} }, {});
    const parsed = this.startNodeOf(workflow, node.name);
    const { subtitle } = this.nodeType(node.type, undefined, {}).description;
    return String(workflow.expression.getSimpleParameterValue(parsed, subtitle, 'internal', {}) ?? '');
  }

  async testCredential(change: Json = {}): Promise<{ ok: boolean; message: string }> {
    const hooks = new this.core.ExecutionLifecycleHooks('manual', '1', { id: '1', name: 'credential', nodes: [], connections: {} } as never);
    return await testCredential({
      core: this.core,
      workflowModule: this.workflowModule,
      credentialType: this.loader.getCredential(CREDENTIAL).type,
      values: this.credentialValues(change),
      additionalData: this.additionalData(hooks, false, change),
    });
  }

  async close(): Promise<void> {
    await this.loaded.close();
  }

  private nodeType(type: string, version: number | undefined, triggers: Record<string, N8n.INodeType>): N8n.INodeType {
    const trigger = triggers[type];
    if (trigger) return trigger;
    const [packageName, name] = splitType(type);
    const loader = this.loaders.find((candidate) => candidate.packageName === packageName);
    const base = loader && !(name in loader.known.nodes) ? nameWithoutTool(name) : undefined;
    const found = loader ? loader.getNode(base ?? name).type : this.extra[type];
    if (!found) throw new Error(`No node of the type ${type} is registered with the engine`);
    const node = this.workflowModule.NodeHelpers.getVersionedNodeType(found, version);
    return base === undefined ? node : toolTypeOf(node);
  }

  private workflowOf(file: WorkflowFile, triggers: Record<string, N8n.INodeType>): N8n.Workflow {
    const nodes = file.nodes.map((node, index) => ({
      id: String(index + 1),
      typeVersion: 1,
      position: [0, 0],
      ...node,
      parameters: node.parameters ?? {},
      ...(this.isOurs(node.type) ? { credentials: { [CREDENTIAL]: { id: '1', name: 'Open WebUI' } } } : {}),
    })) as unknown as N8n.INode[];
    const nodeTypes = {
      getByName: (type: string) => this.nodeType(type, undefined, triggers),
      getByNameAndVersion: (type: string, version?: number) => this.nodeType(type, version, triggers),
      getKnownTypes: () => ({}),
    };
    return new this.workflowModule.Workflow({
      id: '1',
      nodes,
      connections: file.connections as unknown as N8n.IConnections,
      active: false,
      nodeTypes,
      staticData: (file['staticData'] ?? {}) as N8n.IDataObject,
      settings: { executionOrder: 'v1', ...file.settings },
    });
  }

  private isOurs(type: string): boolean {
    return splitType(type)[0] === this.loader.packageName;
  }

  private startNodeOf(workflow: N8n.Workflow, name: string | undefined): N8n.INode {
    const nodes = Object.values(workflow.nodes);
    const start = name ? workflow.getNode(name) : nodes.find(({ type, disabled }) => TRIGGER_TYPES.includes(type) && !disabled);
    if (!start) throw new Error('The workflow has no trigger to start from');
    return start;
  }

  private triggersFor(inputItems: InputItem[] = [{ json: {} }]): Record<string, N8n.INodeType> {
    const entries = TRIGGER_TYPES.map((type) => {
      const trigger = triggerOf(type, async () => []);
      trigger.execute = async function (this: N8n.IExecuteFunctions) {
        return [await Promise.all(inputItems.map(async (item) => await toItem(this, item)))];
      };
      return [type, trigger] as const;
    });
    return Object.fromEntries(entries);
  }

  private credentialValues(change: Json): N8n.ICredentialDataDecryptedObject {
    const { baseUrl, apiKey, credential } = this.options;
    return { baseUrl, apiKey, ignoreSslIssues: false, customHeaders: {}, ...credential, ...change };
  }

  private additionalData(hooks: Core.ExecutionLifecycleHooks, streaming: boolean, change: Json = {}): N8n.IWorkflowExecuteAdditionalData {
    return {
      credentialsHelper: credentialsHelper(this.workflowModule, this.loader.getCredential(CREDENTIAL).type, this.credentialValues(change)),
      hooks,
      executionId: '1',
      currentNodeExecutionIndex: 0,
      variables: {},
      streamingEnabled: streaming,
      setExecutionStatus: () => undefined,
      sendDataToUI: () => undefined,
      logAiEvent: () => undefined,
      restApiUrl: UNUSED_URL,
      instanceBaseUrl: UNUSED_URL,
      formBaseUrl: UNUSED_URL,
      formWaitingBaseUrl: UNUSED_URL,
      formTestBaseUrl: UNUSED_URL,
      webhookBaseUrl: UNUSED_URL,
      webhookWaitingBaseUrl: UNUSED_URL,
      webhookTestBaseUrl: UNUSED_URL,
      mcpBaseUrl: UNUSED_URL,
      mcpTestBaseUrl: UNUSED_URL,
    } as unknown as N8n.IWorkflowExecuteAdditionalData;
  }
}

function splitType(type: string): [string, string] {
  const dot = type.lastIndexOf('.');
  return [type.slice(0, dot), type.slice(dot + 1)];
}

function contentOf(file: InputFile): Buffer | Readable {
  if (file.zeroBytes !== undefined) return Readable.from(zeros(file.zeroBytes));
  return file.base64 === undefined ? Buffer.from(file.text ?? '', 'utf8') : Buffer.from(file.base64, 'base64');
}

function* zeros(sizeBytes: number): Generator<Buffer> {
  for (let left = sizeBytes; left > 0; left -= 65_536) yield Buffer.alloc(Math.min(left, 65_536));
}

async function toItem(context: N8n.IExecuteFunctions, item: InputItem): Promise<N8n.INodeExecutionData> {
  const output: N8n.INodeExecutionData = { json: item.json as N8n.IDataObject };
  for (const [field, file] of Object.entries(item.files ?? {})) {
    const binary = await context.helpers.prepareBinaryData(contentOf(file), file.fileName, file.mimeType);
    output.binary = { ...output.binary, [field]: binary };
  }
  return output;
}

async function substitutesOf(modules: string[]): Promise<Record<string, N8n.INodeType>> {
  let all = { ...substitutes };
  for (const path of modules) {
    const loaded = (await import(pathToFileURL(resolve(path)).href)) as { substitutes: Record<string, N8n.INodeType> };
    all = { ...all, ...loaded.substitutes };
  }
  return all;
}

/**
 * n8n's real engine with the built node pack (run `npm run build:nodes` first). Nodes of other
 * packages are stand-ins (`substitutes.ts`, and those of `substituteModules`). One engine for a
 * process: n8n-core keeps its settings in the process. Call close() to remove its folder.
 */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  const host = await openHost(options);
  const loader = new host.core.PackageDirectoryLoader(host.packageDir);
  await loader.loadAll();
  const others = (options.packageDirs ?? []).map((dir) => new host.core.LazyPackageDirectoryLoader(resolve(dir)));
  for (const other of others) await other.loadAll();
  const extra = await substitutesOf(options.substituteModules ?? []);
  return new InProcessEngine(host, loader, others, options, extra);
}
