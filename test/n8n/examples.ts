import { aiAgent } from './ai-agent-cases.ts';
import type { Cases } from './cases.ts';
import { chatStreaming } from './chat-streaming-cases.ts';
import type { Lane } from './lane.ts';
import { nightlyEvaluation } from './nightly-evaluation-cases.ts';
import type { N8nRest } from './rest.ts';
import { scheduledIngestion } from './scheduled-ingestion-cases.ts';
import { semanticSearch } from './semantic-search-cases.ts';
import { webhookChat } from './webhook-chat-cases.ts';
import type { Workflow } from './workflows.ts';

/** An example and its cases in the real n8n. */
export type LaneExample = {
  /** Name of the file in examples/. */
  fileName: string;
  /** Sets what a user has to set, and intervals that a test can wait for. */
  prepare?(workflow: Workflow, inbox: string): void;
  /** The example run from the command line by its Manual Trigger, before n8n starts. */
  byHand?(cases: Cases, lane: Lane, workflow: Workflow): Promise<void>;
  /** The published example, started by its own trigger. */
  published?(cases: Cases, lane: Lane, workflow: Workflow, rest: N8nRest): Promise<void>;
};

/** In the order in which they run: the ingestion fills the knowledge base that others ask. */
export const EXAMPLES: readonly LaneExample[] = [scheduledIngestion, webhookChat, semanticSearch, nightlyEvaluation, chatStreaming, aiAgent];
