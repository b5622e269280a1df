import { describe, expect, it } from '@jest/globals';
import type { EmbeddingProfile } from '../../runtime/src/domain/embedding-profile.ts';
import { defaultLexicalWeight } from '../../runtime/src/domain/lexical-weight.ts';
import { otherScriptFloor, relevanceFloor } from '../../runtime/src/domain/relevance-floor.ts';
import { mainScript } from '../../runtime/src/domain/script.ts';

const profile = (model: string): EmbeddingProfile => ({ provider: 'openai', model, revision: '', queryPrefix: '', passagePrefix: '' });

describe('relevanceFloor', () => {
  it.each(['multilingual-e5-small', 'intfloat/multilingual-e5-small', 'Multilingual-E5-small-q4:latest'])('knows the measured model as %s', (name) => {
    expect(relevanceFloor(profile(name))).toBeGreaterThan(0.8);
    expect(otherScriptFloor(profile(name))).toBeLessThan(relevanceFloor(profile(name)));
  });

  it('knows the built-in model', () => {
    expect(relevanceFloor(profile('builtin/lexical-embed'))).toBeGreaterThan(0.1);
  });

  it.each(['all-minilm', 'nomic-embed-text', 'bge-m3', 'multilingual-e5-large', 'my-builtin/lexical-embed', ''])('has none for %s, which nobody measured', (name) => {
    expect([relevanceFloor(profile(name)), otherScriptFloor(profile(name))]).toEqual([0, 0]);
  });
});

describe('mainScript', () => {
  it('tells scripts apart by what most of the text is written in', () => {
    expect(mainScript('What is the price?')).toBe('latin');
    expect(mainScript('AB-1234の価格はいくらですか')).toBe('cjk');
    expect(mainScript('n8nのWebhookでOllamaを呼び出す設定')).toBe('cjk');
    expect(mainScript('가격은 얼마입니까')).toBe('hangul');
    expect(mainScript('Сколько это стоит?')).toBe('other');
    expect(mainScript('12 + 3')).toBe(null);
    expect(mainScript('')).toBe(null);
  });
});

describe('defaultLexicalWeight', () => {
  it('trusts the words more beside vectors that are made of words', () => {
    expect(defaultLexicalWeight(profile('builtin/lexical-embed'))).toBe(0.9);
    expect(defaultLexicalWeight(profile('bge-m3'))).toBe(0.5);
  });
});
