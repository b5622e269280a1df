/** Texts that clients of Open WebUI compare with; never reworded. */
export const TEXT = {
  notFound: "We could not find what you're looking for :/",
  unauthorized: '401 Unauthorized',
  notAuthenticated: 'Not authenticated',
  accessProhibited: 'You do not have permission to access this resource. Please contact your administrator for assistance.',
  invalidToken: 'Your session has expired or the token is invalid. Please sign in again.',
  invalidCredentials: 'The email or password provided is incorrect. Please check for typos and try logging in again.',
  apiKeyNotAllowed: 'Use of API key is not enabled in the environment.',
  apiKeyNotFound:
    "Oops! It looks like there's a hiccup. The API key is missing. Please make sure to provide a valid API key to access this feature.",
  humanSessionRequired: 'A human session is required.',
  emailInvalid:
    "The email format you entered is invalid. Please double-check and make sure you're using a valid email address (e.g., yourname@example.com).",
  emailTaken:
    'Uh-oh! This email is already registered. Sign in with your existing account or choose another email to start anew.',
  passwordTooLong:
    'Uh-oh! The password you entered is too long. Please make sure your password is less than 72 bytes long.',
  rateLimited: 'API rate limit exceeded',
  emptyContent: 'The content provided is empty. Please ensure that there is text or data present before proceeding.',
  duplicateContent: '400: Duplicate content detected. Please provide unique content to proceed.',
  fileNotProcessed:
    'Extracted content is not available for this file. Please ensure that the file is processed before proceeding.',
  serverConnection: 'Open WebUI: Server Connection Error',
  modelNotFound: 'Model not found',
  ollamaDisabled: 'The Ollama API is disabled. Please enable it to use this feature.',
  ollamaNotFound: 'WebUI could not connect to Ollama',
  storageFull: '[ERROR: The server is out of storage space.]',
  unexpected: 'Something went wrong :/',
  invalidAuthRequest: 'Invalid authentication request.',
  invalidMetadata: '[ERROR: Invalid metadata format]',
  uploadFailed: '[ERROR: Error uploading file]',
  noFilesFound: 'No files found matching the pattern.',
  missingBoundary: 'Missing boundary in multipart.',
  directoryNotFound: 'Target directory not found.',
} as const;

/** The contract's sentence for a file over the limit; the limit is told in whole MB of 1024². */
export function fileTooLargeText(limitBytes: number): string {
  const limitMb = Math.round((limitBytes / 1024 ** 2) * 100) / 100;
  return `Oops! The file you're trying to upload is too large. Please upload a file that is less than ${limitMb} MB.`;
}
