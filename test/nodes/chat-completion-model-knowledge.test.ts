import { describe, expect, it } from '@jest/globals';

import { hintsOf, openChatBench } from './support/chat-bench.ts';

const { server, chat, sent } = openChatBench();

describe('Knowledge of a workspace model, which Open WebUI ignores in plain calls (trap 1)', () => {
  const MODEL = '/api/v1/models/model';
  const knowledge = [{ id: 'k1', type: 'collection', name: 'Manuals' }, { id: 'f1', type: 'file', name: 'a.pdf' }, { collection_name: 'old' }];

  it('is attached by the node, beside what the form chooses', async () => {
    server.script('GET', MODEL, { status: 200, body: { id: 'm', meta: { knowledge }, params: {} } });
    await chat({ options: { fileIds: 'f1, f2' } });
    expect(sent()['files']).toEqual([{ type: 'file', id: 'f1', name: 'a.pdf' }, { type: 'file', id: 'f2' }, { type: 'collection', id: 'k1', name: 'Manuals' }]);
    expect(server.seen('GET', MODEL)[0]?.query).toEqual({ id: 'llama3.2:latest' });
  });

  it('is passed on as the server keeps it, which then knows what it adds by itself, notes as well', async () => {
    const kept = [{ id: 'k1', type: 'collection', name: 'Manuals', user_id: 'u1' }, { id: 'n1', type: 'note', name: 'Notes' }];
    server.script('GET', MODEL, { status: 200, body: { id: 'm', meta: { knowledge: kept }, params: {} } });
    await chat({});
    expect(sent()['files']).toEqual(kept);
  });

  it('is left to the server when the request asks for the old way', async () => {
    server.script('GET', MODEL, { status: 200, body: { id: 'm', meta: { knowledge }, params: {} } });
    await chat({ options: { additionalBodyFields: { params: { function_calling: 'legacy' } } } });
    expect(sent()).not.toHaveProperty('files');
  });

  it.each([429, 503, 500])('is asked for again after status %i', async (status) => {
    server.script('GET', MODEL, { status, body: { detail: 'Not now' }, headers: { 'retry-after': '0' }, times: 2 });
    server.version = (seen, reply) => (seen.path === MODEL ? { status: 200, body: { id: 'm', meta: { knowledge }, params: {} } } : reply);
    const result = await chat({}, { inputItems: [{ json: {} }, { json: {} }] });
    expect(sent(1)['files']).toHaveLength(2);
    expect(hintsOf(result)).not.toContain('belong to the model');
  });

  it('is missed with a hint, and asked for once in a run, when the server goes on failing', async () => {
    server.script('GET', MODEL, { status: 500, body: { detail: 'The database is locked' } });
    const result = await chat({}, { inputItems: [{ json: {} }, { json: {} }] });
    expect(result.error).toBeUndefined();
    expect(hintsOf(result)).toContain('Items 0, 1: whether documents belong to the model could not be found out');
    expect(hintsOf(result)).toContain('The database is locked');
    expect(server.seen('GET', MODEL)).toHaveLength(6);
  });

  it('is left to the server where the model is set to the old way', async () => {
    server.script('GET', MODEL, { status: 200, body: { id: 'm', meta: { knowledge }, params: { function_calling: 'legacy' } } });
    await chat({});
    expect(sent()).not.toHaveProperty('files');
  });

  it.each([
    ['there is no such model in the workspace', 404, { detail: "We could not find what you're looking for :/" }],
    ['the model has none', 200, { id: 'm', meta: null, params: null }],
  ])('is none when %s', async (_name, status, body) => {
    server.script('GET', MODEL, { status, body });
    const result = await chat({}, { inputItems: [{ json: {} }, { json: {} }] });
    expect(result.error).toBeUndefined();
    expect(sent()).not.toHaveProperty('files');
    expect(server.seen('GET', MODEL)).toHaveLength(1);
  });
});
