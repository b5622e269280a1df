/** Plain data that goes in and out of the engine, also between processes. */

/** A JSON object. */
export type Json = Record<string, unknown>;

/** A file of an input item, given as text, as base64, or as so many zero bytes that are never in memory together. */
export interface InputFile {
  fileName: string;
  mimeType: string;
  text?: string;
  base64?: string;
  zeroBytes?: number;
}

/** An item for the start of a workflow. */
export interface InputItem {
  json: Json;
  files?: Record<string, InputFile>;
}

/** A node of a workflow file. */
export interface WorkflowNode {
  name: string;
  type: string;
  typeVersion?: number;
  parameters?: Json;
  credentials?: Json;
  onError?: string;
  disabled?: boolean;
  [key: string]: unknown;
}

/** A workflow as n8n exports it. */
export interface WorkflowFile {
  name?: string;
  nodes: WorkflowNode[];
  connections: Json;
  settings?: Json;
  [key: string]: unknown;
}

/** An item that a node gave out. Binary data is described, not contained. */
export interface OutputItem {
  json: Json;
  pairedItem?: unknown;
  binary?: Record<string, { fileName?: string; mimeType: string; id?: string }>;
}

/** An error as a user sees it. */
export interface RunError {
  name: string;
  message: string;
  description?: string;
  httpCode?: string;
  itemIndex?: number;
  node?: string;
}

/** What one node did. `outputs` has one list of items for each output of the node. */
export interface NodeRun {
  outputs: OutputItem[][];
  /** The items of the first output. */
  items: OutputItem[];
  error?: RunError;
  hints: string[];
  /** The tokens that n8n shows for the node. */
  tokenUsage?: Json;
  startedAtMs: number;
  durationMs: number;
}

/** What became of a workflow. */
export interface RunResult {
  status: string;
  error?: RunError;
  lastNode?: string;
  nodes: Record<string, NodeRun>;
  /** What a streaming trigger would have sent on. */
  chunks: Array<{ type: string; content?: string; itemIndex: number }>;
  /** What Respond to Webhook nodes answered. */
  responses: Json[];
  /** How far the memory of the engine's process (RSS) rose above its start during the run, in bytes. */
  memoryRiseBytes: number;
  /** The same above the start of each node. */
  nodeMemoryRiseBytes: Record<string, number>;
  /** What nodes wrote to the console of the browser. */
  messages: string[];
  /** From the stop of the execution to its end, in milliseconds; only where it was stopped. */
  stoppedAfterMs?: number;
}

/** The newest n8n that the tests know, or 2.0, the oldest one that the nodes work with. */
export type HostVersion = 'current' | '2.0';

/** n8n's storage of files: in memory (n8n 1 and 2) or in files. */
export type BinaryMode = 'memory' | 'filesystem';

/** How to make an engine. */
export interface EngineOptions {
  /** Folder of the built node pack; the repository by default. */
  packageDir?: string;
  baseUrl: string;
  apiKey: string;
  /** More fields of the credential. */
  credential?: Json;
  /** What N8N_BINARY_MODE names, or files, by default. */
  binaryMode?: BinaryMode;
  /** What N8N_CORE names, or the current version, by default. */
  host?: HostVersion;
  /** Modules with a `substitutes` export: node classes by type, for nodes of other packages. */
  substituteModules?: string[];
  /** Folders of other packages whose real nodes are to be used, such as n8n-nodes-base. They win over stand-ins. */
  packageDirs?: string[];
}

/** How to run a workflow. */
export interface RunOptions {
  /** Items that the start node gives out; one empty item by default. */
  inputItems?: InputItem[];
  /** Name of the node to start from; the first trigger by default. */
  startNode?: string;
  /** Whether the trigger streams. */
  streaming?: boolean;
  /** Fields of the credential for this run alone, such as another baseUrl. */
  credential?: Json;
}

/** What a picker in the editor shows. */
export interface ListSearchResult {
  results: Array<{ name: string; value: string | number; description?: string }>;
  paginationToken?: string;
}

/** A picker to ask. */
export interface ListSearchRequest {
  /** Node name without the package, such as openWebUiChatCompletion. */
  node: string;
  method: string;
  filter?: string;
  paginationToken?: string;
}

/** What an engine really loaded. */
export interface HostReport {
  /** Of n8n-core, such as 2.0.0. */
  coreVersion: string;
  /** Of the n8n-workflow that the core uses. */
  workflowVersion: string;
  /** Whether the nodes got the very same n8n-workflow, as they do in n8n. */
  nodesShareWorkflow: boolean;
}

/** A poll of a trigger, as n8n's poller makes it in an active workflow. */
export interface PollRequest {
  node: WorkflowNode;
  /** Static data of the workflow from the poll before; none by default, as at the first activation. */
  state?: Json;
  /** How many polls run at the same time; one by default. */
  timesAtOnce?: number;
  /** Fields of the credential for this poll alone. */
  credential?: Json;
}

/** What a poll gave: no items where nothing happened. */
export interface PollResult {
  items: OutputItem[];
  /** Static data of the workflow, for the next poll. */
  state: Json;
  error?: RunError;
}

/** n8n's engine with the built node pack in it. */
export interface Engine {
  host(): Promise<HostReport>;
  run(workflow: WorkflowFile, options?: RunOptions): Promise<RunResult>;
  /** Stops the execution that was begun last, as a user would. */
  stop(): Promise<void>;
  poll(request: PollRequest): Promise<PollResult>;
  listSearch(request: ListSearchRequest): Promise<ListSearchResult>;
  /** The line under the name of the node in the editor, found the way the editor finds it. */
  subtitle(node: WorkflowNode): Promise<string>;
  /** What "Test" in the form of the credential says; `change` replaces fields of it. */
  testCredential(change?: Json): Promise<{ ok: boolean; message: string }>;
  close(): Promise<void>;
}
