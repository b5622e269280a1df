/** What the servers say when a model that embeds is asked to chat. */
const CANNOT_CHAT = /does not support (chat|generate|completion)|does not chat/i;

/** What they say when the model server behind them cannot be reached; text of Open WebUI and the runtime. */
const NO_MODEL_SERVER =
	/cannot connect to host|server connection error|(Ollama|model server) .*(not answer|unreachable|refused)/i;

/** Advice for what a server says about a model, or about the model server behind it. */
export function modelHint(status: number, message: string): string | undefined {
	if (CANNOT_CHAT.test(message)) {
		return 'This model makes embeddings and cannot answer. Choose one from the list of the node, which leaves such models out.';
	}
	if (NO_MODEL_SERVER.test(message)) {
		return 'The model server behind Open WebUI (Ollama, for one) does not answer. Start it, or check its address (Open WebUI: Admin Settings > Connections). Until then its models also drop out of the list, and the same request ends with "Model not found".';
	}
	if (/Ollama API is disabled/i.test(message)) {
		return 'An administrator switches it on in Open WebUI under Admin Settings > Connections.';
	}
	if (/^(the )?model .*(not found|does not exist)/i.test(message)) {
		return 'Choose the model from the list. Names of Ollama models include the tag, such as llama3.2:latest. A model whose server is down is not found either.';
	}
	if ([502, 504, 524].includes(status)) {
		return 'A proxy in front of Open WebUI, or the model server behind it, gave up: raise the time limit of the proxy, or limit the answer with Options > Max Tokens.';
	}
	return undefined;
}
