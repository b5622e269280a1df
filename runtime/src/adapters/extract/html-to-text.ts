import { Parser } from 'htmlparser2';
import { BoundedText } from './bounded-text.ts';
import { MAX_DEPTH, tooDeep } from './extract-limits.ts';
import type { ExtractLimits } from './extract-limits.ts';

/** Elements whose text nobody reads as content. */
const SKIPPED = new Set([
  'script', 'style', 'noscript', 'template', 'svg', 'math', 'nav', 'iframe', 'object', 'canvas', 'select', 'button', 'title',
]);
const BLOCKS = new Set([
  'p', 'div', 'section', 'article', 'main', 'header', 'footer', 'aside', 'blockquote', 'pre', 'figure', 'figcaption', 'table',
  'ul', 'ol', 'dl', 'form', 'fieldset', 'details', 'address', 'body', 'hr', 'caption',
]);
const LINES = new Set(['br', 'tr', 'li', 'dt', 'dd', 'summary', 'option', 'legend']);
const VOID = new Set(['br', 'hr', 'img', 'input', 'meta', 'link', 'wbr', 'area', 'base', 'col', 'embed', 'source', 'track']);
const SLICE_CHARS = 64 * 1024;

/**
 * Visible text of a page: title and headings as markdown headings, list items as `- item`, table rows as cells joined by
 * ` | `, preformatted text as it is; no scripts, styles or navigation. Reads in one pass and builds no tree; nothing that
 * the page refers to is fetched. Throws EXTRACTION_LIMIT for absurd nesting or too much text.
 */
export function htmlToText(source: string, limits: ExtractLimits): string {
  const writer = new HtmlTextWriter(limits);
  const parser = new Parser(
    {
      onopentag(name, attributes) {
        writer.open(name, attributes);
      },
      onclosetag(name) {
        writer.close(name);
      },
      ontext(text) {
        writer.text(text);
      },
    },
    { decodeEntities: true, lowerCaseTags: true },
  );
  for (let at = 0; at < source.length; at += SLICE_CHARS) parser.write(source.slice(at, at + SLICE_CHARS));
  parser.end();
  return writer.result();
}

class HtmlTextWriter {
  readonly #out: BoundedText;
  #depth = 0;
  #skipDepth = 0;
  #preDepth = 0;
  #itemDepth = 0;
  #inTitle = false;
  #title = '';
  #cells: string[] | null = null;
  #line = '';
  #prefix = '';
  #hasBlankLine = true;

  constructor(limits: ExtractLimits) {
    this.#out = new BoundedText(limits);
  }

  open(name: string, attributes: Readonly<Record<string, string>>): void {
    if (!VOID.has(name)) this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw tooDeep('HTML');
    if (name === 'title' && this.#title === '' && this.#skipDepth === 0) this.#inTitle = true;
    const isHidden = 'hidden' in attributes || attributes['aria-hidden'] === 'true';
    if (this.#skipDepth > 0 || SKIPPED.has(name) || (isHidden && !VOID.has(name))) {
      if (!VOID.has(name)) this.#skipDepth += 1;
      return;
    }
    this.#openVisible(name, attributes);
  }

  close(name: string): void {
    if (VOID.has(name)) return;
    this.#depth = Math.max(0, this.#depth - 1);
    if (name === 'title') this.#inTitle = false;
    if (this.#skipDepth > 0) {
      this.#skipDepth -= 1;
      return;
    }
    if (name === 'td' || name === 'th') this.#endCell();
    else if (name === 'tr') this.#endRow();
    else if (isHeading(name) || BLOCKS.has(name)) this.#breakBlock();
    else if (LINES.has(name)) this.#breakLine();
    if (isHeading(name) || name === 'li') this.#prefix = '';
    if (name === 'li') this.#itemDepth = Math.max(0, this.#itemDepth - 1);
    if (name === 'pre') this.#preDepth = Math.max(0, this.#preDepth - 1);
  }

  text(text: string): void {
    if (this.#inTitle) this.#title += text;
    if (this.#skipDepth > 0) return;
    if (this.#preDepth > 0 && this.#cells === null) {
      this.#line += text;
      return;
    }
    const collapsed = text.replace(/[ \t\r\n\f]+/g, ' ');
    this.#line += this.#line === '' || this.#line.endsWith(' ') ? collapsed.replace(/^ /, '') : collapsed;
  }

  result(): string {
    this.#endRow();
    this.#breakLine();
    const body = this.#out.toString();
    const title = this.#title.replace(/\s+/g, ' ').trim();
    if (title === '') return body;
    const firstLine = body.slice(0, body.indexOf('\n')).replace(/^#+ /, '');
    return firstLine === title ? body : `# ${title}\n\n${body}`;
  }

  #openVisible(name: string, attributes: Readonly<Record<string, string>>): void {
    if (name === 'td' || name === 'th') {
      this.#cells ??= this.#startRow();
    } else if (name === 'tr') {
      this.#endRow();
      this.#cells = this.#startRow();
    } else if (isHeading(name)) {
      this.#breakBlock();
      this.#prefix = `${'#'.repeat(Number(name.charAt(1)))} `;
    } else if (BLOCKS.has(name)) {
      this.#breakBlock();
      if (name === 'pre') this.#preDepth += 1;
    } else if (LINES.has(name)) {
      this.#breakLine();
      if (name === 'li') {
        this.#itemDepth += 1;
        this.#prefix = '- ';
      }
    } else if (name === 'img' && (attributes['alt'] ?? '').trim() !== '') {
      this.text(` ${attributes['alt'] ?? ''} `);
    }
  }

  #startRow(): string[] {
    this.#breakLine();
    return [];
  }

  #endCell(): void {
    if (this.#cells === null) return;
    this.#cells.push(this.#line.replace(/\s+/g, ' ').trim());
    this.#line = '';
  }

  #endRow(): void {
    if (this.#cells === null) return;
    if (this.#line.trim() !== '') this.#endCell();
    const row = this.#cells;
    this.#cells = null;
    if (row.some((cell) => cell !== '')) this.#write(row.join(' | '));
  }

  /** Inside a table cell a break is only a space. */
  #breakLine(): void {
    if (this.#cells !== null) {
      if (this.#line !== '' && !this.#line.endsWith(' ')) this.#line += ' ';
      return;
    }
    const line = this.#preDepth > 0 ? this.#line.trimEnd() : this.#line.replace(/[ \u00a0]+/g, ' ').trim();
    this.#line = '';
    if (line.trim() === '') return;
    this.#write(this.#prefix + line);
    this.#prefix = '';
  }

  /** Blocks inside a list item or a cell make no blank line. */
  #breakBlock(): void {
    this.#breakLine();
    if (this.#cells !== null || this.#hasBlankLine || this.#itemDepth > 0) return;
    this.#prefix = '';
    this.#out.append('\n');
    this.#hasBlankLine = true;
  }

  #write(line: string): void {
    this.#out.append(`${line}\n`);
    this.#hasBlankLine = false;
  }
}

function isHeading(name: string): boolean {
  return name.length === 2 && name.startsWith('h') && name >= 'h1' && name <= 'h6';
}
