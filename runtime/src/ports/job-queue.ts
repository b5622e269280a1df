import type { Job, NewJob } from '../domain/job.ts';

/**
 * Durable jobs with leases. A job whose lease ran out is leased again (its holder died). At most one job of a subject is
 * leased at a time, oldest first. Jobs are idempotent, so at-least-once is enough.
 */
export interface JobQueue {
  enqueue(job: NewJob): Promise<void>;
  /** Oldest due job whose subject is free, leased for `leaseMs`; null when there is none. */
  lease(leaseMs: number): Promise<Job | null>;
  /** Extends the lease; false when it was lost. */
  extend(jobId: string, leaseMs: number): Promise<boolean>;
  complete(jobId: string): Promise<void>;
  /** Puts it back to run after `delayMs`, remembering why. */
  retryLater(jobId: string, delayMs: number, error: string): Promise<void>;
  /** Frees every lease: called at start, when this process is the only one. */
  releaseAll(): Promise<number>;
  /** For metrics and /ready. */
  stats(): Promise<{ waiting: number; running: number; oldestAgeMs: number }>;
}
