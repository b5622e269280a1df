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
    const base: StoredBase = { id: randomUUID(), name, description: '', access_grants: [], files: files.map(({ id }) => id) };
    this.bases.set(base.id, base);
    return base;
  }

  /** Deletes a file, also out of every base. */
  deleteFile(id: string): void {
    this.files.delete(id);
    for (const base of this.bases.values()) base.files = base.files.filter((linked) => linked !== id);
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
    return file;
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
    const twin = base.files.some((id) => id !== file.id && this.files.get(id)?.hash === file.hash);
    return twin ? DUPLICATE : undefined;
  }
}
