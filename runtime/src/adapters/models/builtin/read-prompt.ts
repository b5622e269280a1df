import { isJsonObject } from '../../../domain/json.ts';
import type { Json, JsonObject } from '../../../domain/json.ts';

/** One passage of the retrieved context; `id` is what a citation shows. */
export type PromptSource = { id: string; name: string; text: string };

/** What a prompt asks and from what. `sources` is null for a prompt without any context block. */
export type ReadPrompt = { question: string; sources: PromptSource[] | null };

const OPEN = '<context>';
const CLOSE = '</context>';
const ENTITIES: Record<string, string> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'", '&apos;': "'", '&amp;': '&' };

function unescapeMarkup(text: string): string {
  return text.replace(/&(?:lt|gt|quot|#39|apos|amp);/g, (entity) => ENTITIES[entity] ?? entity);
}

function attribute(tag: string, name: string): string {
  const from = tag.indexOf(` ${name}="`);
  if (from === -1) return '';
  const start = from + name.length + 3;
  const end = tag.indexOf('"', start);
  return end === -1 ? '' : unescapeMarkup(tag.slice(start, end));
}

function readSources(context: string): PromptSource[] {
  const sources: PromptSource[] = [];
  let at = 0;
  for (;;) {
    const start = context.indexOf('<source', at);
    const tagEnd = start === -1 ? -1 : context.indexOf('>', start);
    if (tagEnd === -1) return sources;
    const close = context.indexOf('</source>', tagEnd);
    const end = close === -1 ? context.length : close;
    const tag = context.slice(start, tagEnd);
    sources.push({ id: attribute(tag, 'id'), name: attribute(tag, 'name'), text: unescapeMarkup(context.slice(tagEnd + 1, end)) });
    at = end;
  }
}

function textOf(content: Json | undefined): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.flatMap((part) => (isJsonObject(part) && typeof part['text'] === 'string' ? [part['text']] : [])).join('\n');
}

/** The text before and after the context block, and what is in it; null when there is no whole block. */
function splitAtContext(text: string): { context: string; after: string } | null {
  // Sources are escaped, so the first end is the real one, and a question may name the tags.
  const end = text.indexOf(CLOSE);
  const start = end === -1 ? -1 : text.lastIndexOf(OPEN, end);
  if (start === -1) return null;
  return { context: text.slice(start + OPEN.length, end), after: text.slice(end + CLOSE.length) };
}

/**
 * Question and sources of a chat: the context block stands before the question in the last user message, or in a system
 * message with the question alone in the last user message.
 */
export function readChatPrompt(messages: readonly JsonObject[]): ReadPrompt {
  const lastUser = messages.findLast(({ role }) => role === 'user');
  const asked = textOf(lastUser?.['content']);
  const own = splitAtContext(asked);
  if (own !== null) return { question: own.after.trim(), sources: readSources(own.context) };
  for (const message of messages) {
    const block = message['role'] === 'system' ? splitAtContext(textOf(message['content'])) : null;
    if (block !== null) return { question: asked.trim(), sources: readSources(block.context) };
  }
  return { question: asked.trim(), sources: null };
}
