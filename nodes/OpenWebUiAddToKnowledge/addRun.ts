import type { IExecuteFunctions } from 'n8n-workflow';

import type { Link } from './links';
import type { Results } from './results';
import type { RunState } from './runState';

/** How a run adds files to a knowledge base. */
export interface AddSettings {
	/** Most files that go in one request. */
	batchSize: number;
	/** Requests at the same time, where files go one by one. */
	concurrency: number;
	/** The files that came in, for whichever knowledge base: none of these is ever deleted. */
	keep: Set<string>;
	/** For mirroring: the files that came in. Another one with the same text gives way, whatever the option. */
	wanted?: Set<string>;
}

/** What the adding works with. */
export interface AddRun {
	context: IExecuteFunctions;
	state: RunState;
	results: Results;
	settings: AddSettings;
}

/** A processed file that waits to be added. */
export interface ReadyJob extends Link {
	ifDuplicate: string;
	contentType?: string;
	/** The file to take out first, for it has the same text. */
	other?: string;
	/** True once the server has refused the text as one that is there already. */
	refused?: boolean;
}
