/**
 * What names are compared by: case does not matter, nor whether an accent or a Japanese voicing mark is a character of its
 * own (macOS writes file names decomposed).
 */
export function fold(text: string): string {
  return text.normalize('NFC').toLowerCase();
}

/** SQLite's GLOB pattern for a whole-name match in which `*` and `?` alone are wildcards. */
export function globPattern(pattern: string): string {
  return fold(pattern).replace(/\*+/g, '*').replaceAll('[', '[[]');
}
