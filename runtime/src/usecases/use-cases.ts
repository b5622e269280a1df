import type { Readable } from 'node:stream';
import type { FileRecord, FileStatus } from '../domain/file.ts';
import type { JsonObject } from '../domain/json.ts';
import type { AccessGrant, Knowledge } from '../domain/knowledge.ts';
import type { Principal, User } from '../domain/user.ts';
import type { Page } from '../ports/file-store.ts';
import type { KnowledgeSummary, LinkedFile } from '../ports/knowledge-store.ts';
import type { BackendHealth, ModelEntry } from '../ports/model-backend.ts';
import type { OllamaOperation, OllamaReply } from '../ports/ollama-gateway.ts';

/** A signed-in session; `expiresAtSeconds` null means that the token does not expire. */
export type Session = { user: User; token: string; expiresAtSeconds: number | null };

export type UploadInput = {
  /** The bytes; consumed once, counted against the limit while they stream. */
  content: Readable;
  /** As the client sent it; cleaned here. */
  filename: string;
  contentType: string | null;
  /**
   * Resolves once the whole form has been read: a form may name its metadata after the file, so consume `content` first and
   * await this before the row is written. Rejects when the rest of the form is bad or the client goes away: store nothing then.
   */
  metadata: Promise<JsonObject>;
  /** false stores without extraction or embedding. */
  process: boolean;
};

export type FileContent = { file: FileRecord; stream: Readable; sizeBytes: number; range: { start: number; end: number } | null };
export type KnowledgeView = Knowledge & { canWrite: boolean };
export type KnowledgeWithFiles = KnowledgeView & { files: LinkedFile[] };

export type GrantInput = Pick<AccessGrant, 'principalType' | 'principalId' | 'permission'>;

/** One hit of a search without a model, best first. `similarity` is (1 + cosine) / 2 as in Open WebUI; `metadata` as in chat sources. */
export type SearchHit = { id: string; text: string; similarity: number; metadata: JsonObject };

export type ReadyReport = {
  ready: boolean;
  /** What must work before requests are served: store, blobs, lexical index. */
  checks: Array<{ name: string; ok: boolean; reason: string | null }>;
  /** Reported, never required: model servers, the vector index (exact scan stands in), background work. */
  notes: Array<{ name: string; ok: boolean; reason: string | null }>;
  models: BackendHealth[];
};

/**
 * Everything that the HTTP layer may ask for. Each function checks access itself and throws AppError; ids that exist but
 * are not readable by the principal behave like unknown ones (NOT_FOUND) unless the contract says otherwise.
 */
export interface UseCases {
  /** Any credential (API key or JWT) to a principal. `null` or blank: NOT_AUTHENTICATED; else INVALID_API_KEY (unknown key), INVALID_TOKEN (JWT), API_KEYS_DISABLED. Pending users pass here. */
  authenticate(credential: string | null): Promise<Principal>;
  /** Throws ACCESS_PROHIBITED for pending users. */
  requireVerified(principal: Principal): void;
  /** Throws ACCESS_PROHIBITED unless admin. */
  requireAdmin(principal: Principal): void;

  signUp(input: { name: string; email: string; password: string }): Promise<Session>;
  /** INVALID_CREDENTIALS alike for unknown e-mail and wrong password; RATE_LIMITED after 15 tries per 180 s and e-mail. */
  signIn(input: { email: string; password: string }): Promise<Session>;
  /** For GET /api/v1/auths/: HUMAN_SESSION_REQUIRED for API keys. */
  currentSession(principal: Principal, token: string): Promise<Session>;
  createApiKey(principal: Principal): Promise<string>;
  /** API_KEY_NOT_FOUND when there is none. */
  getApiKey(principal: Principal): Promise<string>;
  deleteApiKey(principal: Principal): Promise<void>;
  hasUsers(): Promise<boolean>;

  listModels(principal: Principal, signal: AbortSignal): Promise<ModelEntry[]>;
  /** Body as POSTed. Answers the completion with `sources` as first key when something was retrieved. */
  chat(principal: Principal, body: JsonObject, signal: AbortSignal): Promise<JsonObject>;
  /**
   * Resolves when retrieval is done and the model server has begun to answer, so that earlier failures are still a status code.
   * Events are objects for `data:` lines, without `[DONE]`: first `{sources}` if any and wanted, then chunks; a late failure is an `{error}` object.
   */
  chatStream(principal: Principal, body: JsonObject, options: { includeSources: boolean }, signal: AbortSignal): Promise<AsyncIterable<JsonObject>>;
  embeddings(principal: Principal, body: JsonObject, signal: AbortSignal): Promise<JsonObject>;

  ollamaTags(principal: Principal, signal: AbortSignal): Promise<JsonObject[]>;
  ollamaPs(principal: Principal, signal: AbortSignal): Promise<JsonObject[]>;
  ollamaVersion(principal: Principal, signal: AbortSignal): Promise<string | null>;
  ollamaCall(principal: Principal, operation: OllamaOperation, body: JsonObject, options: { urlIndex?: number }, signal: AbortSignal): Promise<OllamaReply>;

  /** Resolves once bytes, row and job are durable. FILE_TOO_LARGE, FILE_EMPTY, FILE_TYPE_NOT_ALLOWED, STORAGE_FULL. */
  uploadFile(principal: Principal, input: UploadInput, signal: AbortSignal): Promise<FileRecord>;
  /** Waits until the file is completed or failed (or the signal aborts) and answers the record. */
  waitForFile(principal: Principal, id: string, signal: AbortSignal): Promise<FileRecord>;
  /** Processes a file stored with process=false, or one that failed, again; resolves when it is completed. FILE_FAILED, FILE_STILL_PROCESSING. */
  processFile(principal: Principal, id: string, signal: AbortSignal): Promise<FileRecord>;
  getFile(principal: Principal, id: string): Promise<FileRecord>;
  getFileText(principal: Principal, id: string): Promise<string>;
  /** The bytes; `range` already clamped, null for all. */
  openFile(principal: Principal, id: string, range: { start: number; end: number | null } | null): Promise<FileContent>;
  listFiles(principal: Principal, query: { page: number; pageSize: number; ownOnly?: boolean }): Promise<Page<FileRecord>>;
  searchFiles(principal: Principal, query: { pattern: string; offset: number; limit: number; ownOnly?: boolean }): Promise<FileRecord[]>;
  countFiles(principal: Principal, query: { ownOnly?: boolean }): Promise<number>;
  renameFile(principal: Principal, id: string, filename: string): Promise<FileRecord>;
  /** Gone for every reader when it resolves; bytes and index entries follow. */
  deleteFile(principal: Principal, id: string): Promise<void>;
  /** For process/status?stream=true: a status a second until final; `gone` when the file was deleted meanwhile. */
  watchFile(principal: Principal, id: string, signal: AbortSignal): AsyncIterable<{ status: FileStatus | 'gone'; error: string | null }>;

  createKnowledge(principal: Principal, input: { name: string; description: string; grants: GrantInput[] | null }): Promise<Knowledge>;
  listKnowledge(principal: Principal, query: { search?: string; page: number; pageSize: number }): Promise<Page<KnowledgeSummary & { canWrite: boolean; user: User | null }>>;
  getKnowledge(principal: Principal, id: string): Promise<KnowledgeView>;
  updateKnowledge(principal: Principal, id: string, input: { name: string; description: string; grants: GrantInput[] | null }): Promise<KnowledgeWithFiles>;
  listKnowledgeFiles(principal: Principal, id: string, query: { search?: string; page: number; pageSize: number }): Promise<Page<LinkedFile & { addedBy: User | null }>>;
  /** Waits for a file that is still processing; FILE_FAILED names the reason; DUPLICATE_CONTENT leaves the file as it was. Searchable when it resolves. */
  addFileToKnowledge(principal: Principal, knowledgeId: string, fileId: string, signal: AbortSignal): Promise<KnowledgeWithFiles>;
  addFilesToKnowledge(principal: Principal, knowledgeId: string, fileIds: string[], signal: AbortSignal): Promise<KnowledgeWithFiles>;
  removeFileFromKnowledge(principal: Principal, knowledgeId: string, fileId: string, options: { deleteFile: boolean }): Promise<KnowledgeWithFiles>;
  resetKnowledge(principal: Principal, id: string): Promise<KnowledgeView>;
  deleteKnowledge(principal: Principal, id: string): Promise<void>;

  /** Retrieval without a model over collection names (`<knowledge id>` or `file-<id>`). One forbidden name: ACCESS_PROHIBITED. */
  query(principal: Principal, input: { collectionNames: string[]; query: string; k: number | null }, signal: AbortSignal): Promise<SearchHit[]>;

  ready(): Promise<ReadyReport>;
}
