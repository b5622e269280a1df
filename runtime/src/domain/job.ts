export type JobKind = 'ingest' | 'delete-file' | 'sync-vectors' | 'drop-vectors';

/**
 * A unit of durable work. `subject` orders jobs: at most one job of a subject runs at a time, oldest first
 * (`file:<id>` for ingest and delete-file, `knowledge:<id>` for the vector jobs).
 */
export type Job = {
  id: string;
  kind: JobKind;
  subject: string;
  /** Id of the file or knowledge base. */
  targetId: string;
  /** File version for ingest, else 0. */
  version: number;
  /** How many times it has been leased, this time included. */
  attempt: number;
  lastError: string | null;
};

export type NewJob = Pick<Job, 'kind' | 'subject' | 'targetId' | 'version'>;
