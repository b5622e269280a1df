import type * as N8n from 'n8n-workflow';

import type { Json } from './engine-types.ts';

/**
 * A credentials store with the one credential of the pack in it. Requests are authenticated by the
 * real credential class.
 */
export function credentialsHelper(
  workflow: typeof N8n,
  credentialType: N8n.ICredentialType,
  values: Json,
): N8n.ICredentialsHelper {
  class OneCredential extends workflow.ICredentialsHelper {
    getParentTypes(): string[] {
      return [];
    }

    isCredentialUsableByNode(): boolean {
      return true;
    }

    async authenticate(
      credentials: N8n.ICredentialDataDecryptedObject,
      _type: string,
      request: N8n.IHttpRequestOptions,
    ): Promise<N8n.IHttpRequestOptions> {
      const { authenticate } = credentialType;
      return typeof authenticate === 'function' ? await authenticate(credentials, request) : request;
    }

    async preAuthentication(): Promise<undefined> {
      return undefined;
    }

    async runPreAuthentication(): Promise<undefined> {
      return undefined;
    }

    async getCredentials(): Promise<N8n.ICredentials> {
      throw new Error('Stored credentials are not read in tests');
    }

    async getDecrypted(): Promise<N8n.ICredentialDataDecryptedObject> {
      return values as N8n.ICredentialDataDecryptedObject;
    }

    async updateCredentials(): Promise<void> {}

    async updateCredentialsOauthTokenData(): Promise<void> {}

    getCredentialsProperties(): N8n.INodeProperties[] {
      return credentialType.properties;
    }
  }
  return new OneCredential();
}
