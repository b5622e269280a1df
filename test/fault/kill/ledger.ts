import type { KillDocument } from './documents.ts';

/** What the client knows for certain, or does not: `maybe` when the server died before it answered. */
export type Certainty = 'yes' | 'no' | 'maybe';

/** An upload that the server acknowledged, and what was acknowledged about it since. */
export type AckedFile = {
  id: string;
  document: KillDocument;
  owner: number;
  isDeleted: Certainty;
  /** Whether an acknowledged upload or add named the knowledge base, by its id. */
  linked: Map<string, Certainty>;
  /** One of the lanes works with it. */
  isBusy: boolean;
};

/** Who uploads: an API key or session token, and the knowledge bases that belong to it. */
export type Owner = { key: string; knowledgeIds: string[] };

/** The client's own account of everything that was acknowledged, which the server is held to. */
export type Ledger = {
  owners: Owner[];
  files: AckedFile[];
  /** Uploads whose answer never came, by file name: they may be there or not, but only whole. */
  unanswered: Map<string, KillDocument>;
  counts: { uploads: number; adds: number; removals: number; deletes: number; unanswered: number };
};

export function createLedger(owners: Owner[]): Ledger {
  return { owners, files: [], unanswered: new Map(), counts: { uploads: 0, adds: 0, removals: 0, deletes: 0, unanswered: 0 } };
}
