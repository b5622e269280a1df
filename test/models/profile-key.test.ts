import { describe, expect, it } from '@jest/globals';

import { profileKey } from '../../runtime/src/domain/profile-key.ts';

const PROFILE = { provider: 'ollama', model: 'e5', revision: '', queryPrefix: 'query: ', passagePrefix: 'passage: ' } as const;

describe('a profile key', () => {
  it('is sixteen characters that a collection name may have, the same for ever', () => {
    expect(profileKey(PROFILE)).toMatch(/^[a-z0-9]{16}$/);
    expect(profileKey({ ...PROFILE })).toBe(profileKey(PROFILE));
  });

  it('differs for every part of the profile, also when text moves from one part to the next', () => {
    const others = [
      { ...PROFILE, provider: 'openai' },
      { ...PROFILE, model: 'e5-large' },
      { ...PROFILE, revision: '2' },
      { ...PROFILE, queryPrefix: '' },
      { ...PROFILE, passagePrefix: '' },
      { ...PROFILE, queryPrefix: 'query: passage: ', passagePrefix: '' },
      { ...PROFILE, model: 'e', revision: '5' },
    ] as const;
    expect(new Set([PROFILE, ...others].map(profileKey)).size).toBe(others.length + 1);
  });
});
