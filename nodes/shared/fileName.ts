/** The last part of a path, which is all that the server keeps of it. `file` when there is none. */
export function baseName(path: string): string {
	const parts = path.split(/[\\/]/).filter((part) => part.trim() !== '');
	return parts.pop() ?? 'file';
}

/**
 * A path with forward slashes and without empty parts, `.` and a leading slash, so that the same file
 * has one path whatever system names it. macOS writes the marks of Japanese letters apart: they are
 * put together.
 */
export function relativePath(path: string): string {
	const parts = path.split(/[\\/]/).filter((part) => part.trim() !== '' && part !== '.');
	return (parts.join('/') || 'file').normalize('NFC');
}

const ESCAPES: Record<string, string> = { '"': '%22', '\r': '%0D', '\n': '%0A' };

/** A file name as it arrives at the server: multipart forms cannot hold quotes and line breaks. */
export function sentName(fileName: string): string {
	return fileName.replace(/["\r\n]/g, (character) => ESCAPES[character] ?? character);
}
