import type { Job, JobKind, NewJob } from '../../domain/job.ts';
import type { Sql, WriteContext } from './sql.ts';

type JobRow = {
  id: number; kind: JobKind; subject: string; target_id: string; version: number; attempt: number; last_error: string | null;
};
type StatsRow = { waiting: number; running: number; oldest_ms: number | null };

const INSERT = `INSERT INTO jobs (kind, subject, target_id, version, created_at_ms, due_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?5)`;
const WAITING_ALIKE = `SELECT 1 AS found FROM jobs
  WHERE subject = ? AND kind = ? AND (leased_until_ms IS NULL OR leased_until_ms <= ?) LIMIT 1`;
/** An older job of the subject comes first even while it waits for its retry: the order of a file's steps is kept. */
const NEXT_DUE = `SELECT id FROM jobs j
  WHERE due_at_ms <= ?1 AND (leased_until_ms IS NULL OR leased_until_ms <= ?1)
    AND NOT EXISTS (SELECT 1 FROM jobs o WHERE o.subject = j.subject AND (o.id < j.id OR o.leased_until_ms > ?1))
  ORDER BY id LIMIT 1`;
const LEASE = `UPDATE jobs SET leased_until_ms = ?, attempt = attempt + 1 WHERE id = ?
  RETURNING id, kind, subject, target_id, version, attempt, last_error`;
const EXTEND = 'UPDATE jobs SET leased_until_ms = ? WHERE id = ? AND leased_until_ms > ?';
const COMPLETE = 'DELETE FROM jobs WHERE id = ?';
const RETRY = 'UPDATE jobs SET leased_until_ms = NULL, due_at_ms = ?, last_error = ? WHERE id = ?';
const RELEASE_ALL = 'UPDATE jobs SET leased_until_ms = NULL WHERE leased_until_ms IS NOT NULL';
const STATS = `SELECT count(*) FILTER (WHERE leased_until_ms IS NULL OR leased_until_ms <= ?1) AS waiting,
    count(*) FILTER (WHERE leased_until_ms > ?1) AS running, min(created_at_ms) AS oldest_ms
  FROM jobs`;

/** Adds a job within the running transaction. A vector job that another waiting one already covers is not added again. */
export function enqueueJob({ sql, nowMs }: WriteContext, job: NewJob): void {
  const coalesces = job.kind === 'sync-vectors' || job.kind === 'drop-vectors';
  if (coalesces && sql.get(WAITING_ALIKE, job.subject, job.kind, nowMs) !== undefined) return;
  sql.run(INSERT, job.kind, job.subject, job.targetId, job.version, nowMs);
}

export function enqueueKnowledgeJob(context: WriteContext, kind: 'sync-vectors' | 'drop-vectors', knowledgeId: string): void {
  enqueueJob(context, { kind, subject: `knowledge:${knowledgeId}`, targetId: knowledgeId, version: 0 });
}

export function jobReads(sql: Sql) {
  return {
    stats: (nowMs: number): { waiting: number; running: number; oldestAgeMs: number } => {
      const row = sql.get<StatsRow>(STATS, nowMs);
      const oldestMs = row?.oldest_ms ?? nowMs;
      return { waiting: row?.waiting ?? 0, running: row?.running ?? 0, oldestAgeMs: Math.max(0, nowMs - oldestMs) };
    },
  };
}

export function jobWrites(context: WriteContext) {
  const { sql } = context;
  return {
    enqueue: (job: NewJob): void => enqueueJob(context, job),
    lease: (leaseMs: number): Job | null => {
      const next = sql.get<{ id: number }>(NEXT_DUE, context.nowMs);
      const row = next === undefined ? undefined : sql.get<JobRow>(LEASE, context.nowMs + leaseMs, next.id);
      if (row === undefined) return null;
      const { id, kind, subject, version, attempt } = row;
      return { id: String(id), kind, subject, targetId: row.target_id, version, attempt, lastError: row.last_error };
    },
    extend: (jobId: string, leaseMs: number): boolean => sql.run(EXTEND, context.nowMs + leaseMs, Number(jobId), context.nowMs) > 0,
    complete: (jobId: string): void => {
      sql.run(COMPLETE, Number(jobId));
    },
    retryLater: (jobId: string, delayMs: number, error: string): void => {
      sql.run(RETRY, context.nowMs + delayMs, error, Number(jobId));
    },
    releaseAll: (): number => sql.run(RELEASE_ALL),
  };
}
