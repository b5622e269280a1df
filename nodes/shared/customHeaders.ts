import type { IDataObject } from 'n8n-workflow';

import { entriesOf, objectOf } from './guards';

/** What HTTP allows in the name of a header. */
const NAME = /^[\w!#$%&'*+.^`|~-]+$/;

/** The custom headers of a credential, without blanks around them; rows without a name are left out. */
export function customHeaders(credentials: IDataObject): Array<{ name: string; value: string }> {
	return entriesOf(objectOf(credentials.customHeaders).headers)
		.map(({ name, value }) => ({
			name: String(name ?? '').trim(),
			value: String(value ?? '').trim(),
		}))
		.filter(({ name }) => name !== '');
}

/** What is wrong with the custom headers of a credential. The name is not repeated: a secret may stand in it. */
export function headerFault(credentials: IDataObject): string | undefined {
	if (customHeaders(credentials).every(({ name }) => NAME.test(name))) return undefined;
	return 'A custom header in the credential has a name that cannot be sent: a name has no colon and no blanks';
}
