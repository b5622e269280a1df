import type { INodeProperties } from 'n8n-workflow';

import { fileListProperty, knowledgeListProperty } from '../shared/documentProperties';
import { modelProperty, simplifyProperty } from '../shared/properties';
import { chatOptions } from './optionProperties';

const messages: INodeProperties[] = [
	{
		displayName: 'Messages',
		name: 'messageMode',
		type: 'options',
		default: 'prompt',
		options: [
			{ name: 'Prompt', value: 'prompt', description: 'One message of the user' },
			{
				name: 'Conversation',
				value: 'conversation',
				description: 'A list of messages with their roles',
			},
			{
				name: 'JSON',
				value: 'json',
				description: 'An array of messages in the form of the OpenAI API',
			},
		],
		description: 'How the messages are given',
	},
	{
		displayName: 'Prompt',
		name: 'prompt',
		type: 'string',
		typeOptions: { rows: 4 },
		default: '',
		required: true,
		placeholder: 'e.g. What does the warranty cover?',
		displayOptions: { show: { messageMode: ['prompt'] } },
		description: 'The question or task for the model',
	},
	{
		displayName: 'Conversation',
		name: 'conversation',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true, sortable: true },
		placeholder: 'Add message',
		default: { values: [{ role: 'user', content: '' }] },
		displayOptions: { show: { messageMode: ['conversation'] } },
		description: "The messages in their order; the last one is usually the user's",
		options: [
			{
				displayName: 'Message',
				name: 'values',
				values: [
					{
						displayName: 'Role',
						name: 'role',
						type: 'options',
						default: 'user',
						options: [
							{ name: 'Assistant', value: 'assistant' },
							{ name: 'System', value: 'system' },
							{ name: 'User', value: 'user' },
						],
						description: 'Who speaks',
					},
					{
						displayName: 'Content',
						name: 'content',
						type: 'string',
						typeOptions: { rows: 2 },
						default: '',
						description: 'What is said',
					},
				],
			},
		],
	},
	{
		displayName: 'Messages (JSON)',
		name: 'messagesJson',
		type: 'json',
		default: '[{ "role": "user", "content": "" }]',
		displayOptions: { show: { messageMode: ['json'] } },
		description: 'Messages with role and content; an expression may give the array itself',
	},
	{
		displayName: 'System Message',
		name: 'systemMessage',
		type: 'string',
		typeOptions: { rows: 2 },
		default: '',
		placeholder: 'e.g. Answer in Japanese, in two sentences.',
		description: 'What the model has to keep to in all its answers',
	},
];

const attachments: INodeProperties[] = [
	knowledgeListProperty('Knowledge bases that the answer is to rest on'),
	fileListProperty('Uploaded files that the answer is to rest on'),
];

export const chatProperties: INodeProperties[] = [
	modelProperty('searchModels', 'e.g. llama3.2:latest'),
	...messages,
	...attachments,
	simplifyProperty,
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: chatOptions,
	},
];
