import type { TextSection } from '../../domain/text-sections.ts';

/** What a format's reader found. */
export type ExtractedDocument = {
  text: string;
  /** Pages of a paged document as ranges of `text`; null when the text is one run. */
  pages: TextSection[] | null;
  /** Whether lines such as `# Title` are headings here; in source code and tables they are not. */
  hasHeadings: boolean;
  /** Whether each line or block stands for itself (table rows), so that chunks must not repeat the end of the one before. */
  isTable: boolean;
  /** What to tell the user when there is no text. */
  emptyReason: string;
};
