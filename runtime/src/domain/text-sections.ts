/** A range of the whole text that no chunk crosses. Offsets are UTF-16 units. */
export type TextSection = {
  startOffset: number;
  endOffset: number;
  /** 1-based page of a paged document. */
  page: number | null;
  /** Innermost heading above the section's text. */
  heading: string | null;
};

type HeadingLine = { startOffset: number; bodyOffset: number; title: string };

const MAX_HEADING_CHARS = 300;

/**
 * Cuts sections at their markdown headings (`# Title`, and titles underlined with = or -). The heading line stays in
 * the text of the section it opens. Lines inside code fences and front matter are no headings. A heading without text of
 * its own joins the section that follows it, or the one before when it is the last, so that no section is a bare title.
 */
export function splitAtHeadings(text: string, sections: readonly TextSection[]): TextSection[] {
  return sections.flatMap((section) => splitSection(text, section));
}

function splitSection(text: string, section: TextSection): TextSection[] {
  const found: TextSection[] = [];
  let current: TextSection = { ...section };
  let bodyOffset = section.startOffset;
  for (const heading of headingLines(text, section)) {
    const isBare = text.slice(bodyOffset, heading.startOffset).trim() === '';
    if (isBare) {
      current = { ...current, heading: heading.title };
    } else {
      found.push({ ...current, endOffset: heading.startOffset });
      current = { ...section, startOffset: heading.startOffset, heading: heading.title };
    }
    bodyOffset = heading.bodyOffset;
  }
  const last = found.at(-1);
  if (last !== undefined && text.slice(bodyOffset, section.endOffset).trim() === '') last.endOffset = section.endOffset;
  else found.push({ ...current, endOffset: section.endOffset });
  return found;
}

function* headingLines(text: string, section: TextSection): Generator<HeadingLine> {
  let fence: string | null = null;
  let candidate: { startOffset: number; line: string } | null = null;
  let isInParagraph = false;
  let at = skipFrontMatter(text, section);
  while (at < section.endOffset) {
    const end = lineEnd(text, at, section.endOffset);
    const bodyOffset = Math.min(end + 1, section.endOffset);
    const line = text.slice(at, Math.min(end, at + MAX_HEADING_CHARS + 8));
    const wasFenced: boolean = fence !== null;
    fence = nextFence(line, fence);
    const isCode: boolean = wasFenced || fence !== null;
    const title = isCode ? null : hashTitle(line);
    if (title !== null) {
      yield { startOffset: at, bodyOffset, title };
    } else if (!isCode && candidate !== null && isUnderline(line)) {
      yield { startOffset: candidate.startOffset, bodyOffset, title: candidate.line.trim() };
    }
    const isText: boolean = !isCode && title === null && line.trim() !== '' && !isUnderline(line);
    candidate = isText && !isInParagraph && canBeUnderlined(line) ? { startOffset: at, line } : null;
    isInParagraph = isText;
    at = end + 1;
  }
}

function lineEnd(text: string, from: number, limit: number): number {
  const end = text.indexOf('\n', from);
  return end === -1 || end > limit ? limit : end;
}

/** `# Title`, up to three spaces before and closing hashes after it; null for any other line. */
function hashTitle(line: string): string | null {
  let at = 0;
  while (at < 3 && line.charAt(at) === ' ') at += 1;
  const first = at;
  while (line.charAt(at) === '#') at += 1;
  const level = at - first;
  if (level < 1 || level > 6 || !' \t\u3000'.includes(line.charAt(at) || 'x')) return null;
  let end = line.length;
  const rest = line.slice(at).trimEnd();
  end = at + rest.length;
  let closing = end;
  while (line.charAt(closing - 1) === '#') closing -= 1;
  if (closing < end && ' \t'.includes(line.charAt(closing - 1))) end = closing;
  const title = line.slice(at, end).trim().slice(0, MAX_HEADING_CHARS);
  return title === '' ? null : title;
}

function isUnderline(line: string): boolean {
  const trimmed = line.trimEnd();
  const mark = trimmed.charAt(0);
  if (trimmed.length < 3 || (mark !== '=' && mark !== '-')) return false;
  for (const character of trimmed) if (character !== mark) return false;
  return true;
}

/** Table rows, list items and quotes above a line of dashes are no titles. */
function canBeUnderlined(line: string): boolean {
  const trimmed = line.trim();
  return trimmed !== '' && trimmed.length <= MAX_HEADING_CHARS && !'|>-*+='.includes(trimmed.charAt(0)) && !line.startsWith('    ');
}

/** The open code fence after this line: its marks (``` or ~~~, three or more), or null outside fences. */
function nextFence(line: string, open: string | null): string | null {
  const trimmed = line.trim();
  const mark = trimmed.charAt(0);
  if (mark !== '`' && mark !== '~') return open;
  let length = 0;
  while (trimmed.charAt(length) === mark) length += 1;
  if (length < 3) return open;
  if (open === null) return mark === '`' && trimmed.includes('`', length) ? null : mark.repeat(length);
  const closes = mark === open.charAt(0) && length >= open.length && length === trimmed.length;
  return closes ? null : open;
}

function skipFrontMatter(text: string, section: TextSection): number {
  const start = section.startOffset;
  if (start !== 0 || !text.startsWith('---\n')) return start;
  const end = text.indexOf('\n---\n', 3);
  return end === -1 || end + 5 > section.endOffset ? start : end + 5;
}
