import { createHash, randomUUID } from 'node:crypto';

import type { Json } from './engine-types.ts';

export interface StoredFile {
  id: string;
  user_id: string;
  filename: string;
  hash: string | null;
  data: Json;
  meta: Json;
  created_at: number;
  updated_at: number;
  /** When processing ends (epoch milliseconds); 0 once it has. */
  readyAt: number;
  text: string;
}

export interface StoredBase {
  id: string;
  name: string;
  description: string;
  access_grants: unknown[];
  files: string[];
  /** Files that were deleted through another base: their text stays here, and so does a link that no list shows. */
  ghosts: StoredFile[];
  /** True for one of another user that is shared with nobody: an administrator may use it, and no search for files shows it. */
  isPrivateToOther?: boolean;
}

export const EMPTY_CONTENT =
  'The content provided is empty. Please ensure that there is text or data present before proceeding.';
/** Of a text that begins as a PDF file does and goes on otherwise. This failure is final, that for want of text may pass. */
export const BROKEN_PDF = 'Stream has ended unexpectedly';
export const DUPLICATE = 'Duplicate content detected. Please provide unique content to proceed.';

export const sha256 = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex');

/** The files and knowledge bases of the scripted server, with the harm that Open WebUI does to them. */
export class ScriptedStore {
  readonly files = new Map<string, StoredFile>();
  readonly bases = new Map<string, StoredBase>();
  /** Deleted files whose own collection `file-<id>` is still there. */
  readonly orphans = new Map<string, StoredFile>();
  /** IDs of files whose own collection was emptied. */
  readonly emptied = new Set<string>();
  /** False before 0.8.0: the deletion of a file leaves its text in the bases. */
  cleansBases = true;
  /** Whether the administrator has switched hybrid search on. */
  isHybrid = false;
  /** Whose key it is: only administrators choose how many files of a knowledge base come at once. */
  isAdmin = true;
  /** False where the grants of a new base are dropped without a word. */
  keepsGrants = true;

  /** A processed file, as if it had been uploaded some time ago. */
  addFile(filename: string, text: string, change: Partial<StoredFile> = {}): StoredFile {
    const id = randomUUID();
    const now = Math.floor(Date.now() / 1000);
    const file: StoredFile = {
      id,
      user_id: 'user-1',
      filename,
      hash: sha256(text),
      data: { status: 'completed', content: text, error: null },
      meta: { name: filename, content_type: 'text/plain', size: Buffer.byteLength(text), file_hash: sha256(text), data: {} },
      created_at: now,
      updated_at: now,
      readyAt: 0,
      text,
      ...change,
    };
    this.files.set(id, file);
    return file;
  }

  addBase(name: string, files: StoredFile[] = []): StoredBase {
    const base: StoredBase = { id: randomUUID(), name, description: '', access_grants: [], files: files.map(({ id }) => id), ghosts: [] };
    this.bases.set(base.id, base);
    return base;
  }

  /** Deletes a file, also out of every base; its own collection stays unless it was emptied before. */
  deleteFile(id: string): void {
    const file = this.files.get(id);
    this.files.delete(id);
    if (file && !this.emptied.has(id)) this.orphans.set(id, file);
    for (const base of this.bases.values()) this.unlink(base, id, this.cleansBases ? undefined : file);
  }

  /** Deletes a file as `file/remove` does: with its own collection, out of this base, and out of no other. */
  deleteThrough(base: StoredBase, id: string): void {
    const file = this.files.get(id);
    this.files.delete(id);
    for (const other of this.bases.values()) this.unlink(other, id, other === base ? undefined : file);
  }

  private unlink(base: StoredBase, id: string, ghost: StoredFile | undefined): void {
    if (!base.files.includes(id)) return;
    base.files = base.files.filter((linked) => linked !== id);
    if (ghost) base.ghosts.push(ghost);
  }

  /** Whether the user of the key may delete a file or only read it. */
  owns(file: StoredFile): boolean {
    return this.isAdmin || file.user_id === 'user-1';
  }

  /** A file as it stands now: processing goes on with time. */
  current(id: string): StoredFile | undefined {
    const file = this.files.get(id);
    if (!file || file.readyAt === 0 || Date.now() < file.readyAt) return file;
    file.readyAt = 0;
    const error = file.text.startsWith('%PDF') ? BROKEN_PDF : file.text.trim() === '' ? EMPTY_CONTENT : null;
    const content = error === BROKEN_PDF ? {} : { content: file.text };
    file.data = { status: error === null ? 'completed' : 'failed', ...content, error };
    file.hash = error === null ? sha256(file.text) : null;
    this.linkItself(file);
    return file;
  }

  /** As the server does with a file whose metadata name a base, before it shows the file as completed. */
  private linkItself(file: StoredFile): void {
    const base = this.bases.get(String((file.meta['data'] as Json | undefined)?.['knowledge_id']));
    if (base && file.hash !== null && !base.files.includes(file.id) && !this.refusal(base, file)) base.files.push(file.id);
  }

  /** Reads a file again, which mends one that a duplicate has spoilt. */
  processAgain(id: string): boolean {
    const file = this.files.get(id);
    if (file) file.readyAt = 1;
    return this.current(id) !== undefined;
  }

  /** Links a file. Gives the refusal, after which the file reads as failed, as on the real server. */
  link(base: StoredBase, file: StoredFile): string | undefined {
    const refusal = this.refusal(base, file);
    if (refusal === undefined) {
      if (!base.files.includes(file.id)) base.files.push(file.id);
      return undefined;
    }
    file.data = { ...file.data, status: 'failed', error: refusal };
    file.hash = null;
    return `400: ${refusal}`;
  }

  /** Links a file unless it cannot be; it stays as it is, and nothing is told. */
  linkQuietly(base: StoredBase, id: string): void {
    const file = this.current(id);
    if (!file || base.files.includes(id) || file.data['status'] !== 'completed' || file.text.trim() === '') return;
    if (this.refusal(base, file) === undefined) base.files.push(id);
  }

  /** The file as the API shows it. */
  record(file: StoredFile | undefined): Json {
    if (!file) return {};
    const { readyAt: _readyAt, text: _text, ...rest } = file;
    return rest;
  }

  private refusal(base: StoredBase, file: StoredFile): string | undefined {
    if (file.readyAt > 0) return EMPTY_CONTENT;
    const twin = base.files.some((id) => id !== file.id && this.files.get(id)?.hash === file.hash) || base.ghosts.some(({ hash }) => hash === file.hash);
    return twin ? DUPLICATE : undefined;
  }
}
