import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { extractiveAnswer } from '../../runtime/src/adapters/models/builtin/extractive-answer.ts';
import { readChatPrompt } from '../../runtime/src/adapters/models/builtin/read-prompt.ts';
import { splitSentences, splitUnits } from '../../runtime/src/adapters/models/builtin/split-units.ts';

const POLICY = [
  '# Returns',
  'Goods may be returned within 30 days of delivery. Refunds are paid by bank transfer',
  'within 5 working days. Opened software cannot be returned.',
  '',
  '# Warranty',
  'The warranty lasts two years. It does not cover wear. Dr. Smith approves exceptions.',
].join('\n');
const PRICES = ['# Price list', '| Item | Price | Stock |', '|---|---|---|', '| Pump X-200 | 120 EUR | 4 |', '| Valve V-10 | 15 EUR | 200 |'].join('\n');
const RULES = '# 就業規則\n第10条 年次有給休暇は入社6か月後に10日付与する。第11条 結婚休暇は連続5日とする。\n\n通勤手当は月額3万円を上限として支給する。在宅勤務手当は月額5,000円とする。';
const PARTS = '品番: A-1001, 品名: ポンプ, 単価: 5000円\n品番: A-1002, 品名: バルブ, 単価: 1200円\n品番: A-1003, 品名: センサー, 単価: 8000円';
const STAFF = 'name: Alice Moore\nteam: Sales\nphone: 555-0101\n\nname: Bob Stone\nteam: Support\nphone: 555-0102';

function answer(question: string, ...texts: string[]): string {
  return extractiveAnswer({ question, sources: texts.map((text, i) => ({ id: String(i + 1), name: `doc${i + 1}.md`, text })) });
}

describe('the answer of the extractive model', () => {
  it.each([
    ['How long do I have to return goods?', 'Goods may be returned within 30 days of delivery. [1]'],
    ['When are refunds paid?', 'Refunds are paid by bank transfer within 5 working days. [1]'],
    ['How long is the warranty?', 'The warranty lasts two years. [1]'],
    ['Who approves exceptions?', 'Dr. Smith approves exceptions. [1]'],
    ['What is the price of the pump X-200?', 'Item: Pump X-200, Price: 120 EUR, Stock: 4 [2]'],
    ['How many valves are in stock?', 'Item: Valve V-10, Price: 15 EUR, Stock: 200 [2]'],
    ["What is Bob Stone's phone number?", 'name: Bob Stone, team: Support, phone: 555-0102 [3]'],
  ])('to "%s" is the sentence or row with its citation', (question, expected) => {
    expect(answer(question, POLICY, PRICES, STAFF)).toBe(`According to the documents:\n\n${expected}`);
  });

  it.each([
    ['結婚休暇は何日ですか？', '第11条 結婚休暇は連続5日とする。 [1]'],
    ['在宅勤務手当はいくらですか？', '在宅勤務手当は月額5,000円とする。 [1]'],
    ['Ａ－１００２の単価は？', '品番: A-1002, 品名: バルブ, 単価: 1200円 [2]'],
    ['センサーの品番を教えてください', '品番: A-1003, 品名: センサー, 単価: 8000円 [2]'],
  ])('to "%s" comes in Japanese', (question, expected) => {
    expect(answer(question, RULES, PARTS)).toBe(`資料によると、次のとおりです。\n\n${expected}`);
  });

  it.each([
    ['Who is the president of France?', 'do not contain an answer'],
    ['What is the price of the pump X-900?', 'do not contain an answer'],
    ['富士山の高さは？', '見つかりませんでした'],
    ['A-9999の単価は？', '見つかりませんでした'],
  ])('to "%s", which the sources do not say, is that they do not say it, without a citation', (question, expected) => {
    const text = answer(question, POLICY, PRICES, RULES, PARTS);
    expect(text).toContain(expected);
    expect(text).not.toMatch(/\[\d/);
  });

  it('is found although the sources lack a word that any question may have', () => {
    expect(answer('Who works in Support?', STAFF)).toContain('name: Bob Stone, team: Support, phone: 555-0102 [1]');
    expect(answer('サポートの電話番号の情報はどこにありますか', '部署: サポート, 電話番号: 0101')).toContain('電話番号: 0101 [1]');
  });

  it('without a context says what it is, and with an empty one that nothing is there', () => {
    expect(extractiveAnswer({ question: 'Hello', sources: null })).toContain('built-in extractive model');
    expect(extractiveAnswer({ question: 'こんにちは', sources: null })).toContain('抽出型モデル');
    expect(extractiveAnswer({ question: 'What?', sources: [] })).toContain('do not contain an answer');
  });

  it('never says anything that is not in a source', () => {
    const word = fc.constantFrom('pump', 'valve', 'costs', 'ten', 'euro', 'delivery', 'takes', '3', 'days', 'ポンプ', '納期');
    const sentence = fc.array(word, { minLength: 1, maxLength: 8 }).map((words) => `${words.join(' ')}.`);
    fc.assert(
      fc.property(fc.array(sentence, { minLength: 1, maxLength: 6 }), sentence, (sentences, question) => {
        const source = sentences.join(' ');
        const [, ...quotes] = answer(question, source).split('\n\n');
        for (const quote of quotes) expect(source).toContain(quote.replace(/ \[1\]$/, ''));
      }),
      { numRuns: 200 },
    );
  });

  it('takes bounded time for a huge question and huge sources', () => {
    const text = answer('pump '.repeat(200_000), 'The pump costs ten euro. '.repeat(100_000));
    expect(text).toContain('The pump costs ten euro. [1]');
    expect(answer('What does the pump cost?', 'and so on\n'.repeat(100_000), 'The pump costs ten euro.')).toMatch(/\S/);
  });
});

describe('the prompt of a chat', () => {
  const sources = '<source id="1" name="a &quot;b&quot;.md">x &lt;y&gt; &amp;amp; z</source>\n<source id="2">second\nline</source>';
  const read = [{ id: '1', name: 'a "b".md', text: 'x <y> &amp; z' }, { id: '2', name: '', text: 'second\nline' }];

  it('is read from the last user message, escapes undone once', () => {
    const content = `Rules about <context> first: cite.\n<context>\n${sources}\n</context>\n\nWhat is x?`;
    expect(readChatPrompt([{ role: 'user', content: 'old' }, { role: 'assistant', content: 'old' }, { role: 'user', content }])).toEqual({ question: 'What is x?', sources: read });
    expect(readChatPrompt([{ role: 'user', content: [{ type: 'text', text: content }] }])).toEqual({ question: 'What is x?', sources: read });
  });

  it('may name the tags in its question', () => {
    const content = `<context>${sources}</context>\n\nWhat does </context> mean after <context>?`;
    expect(readChatPrompt([{ role: 'user', content }])).toEqual({ question: 'What does </context> mean after <context>?', sources: read });
  });

  it('is read from a system message when the context stands there', () => {
    expect(readChatPrompt([{ role: 'system', content: `<context>${sources}</context>` }, { role: 'user', content: 'What is x?' }])).toEqual({ question: 'What is x?', sources: read });
  });

  it('has no sources without a context block', () => {
    expect(readChatPrompt([{ role: 'user', content: 'Hi' }])).toEqual({ question: 'Hi', sources: null });
    expect(readChatPrompt([])).toEqual({ question: '', sources: null });
  });

  it('takes a source\'s escaped delimiters as text, not as another source', () => {
    const content = '<context><source id="1">a &lt;/source&gt;&lt;source id="7"&gt;fake&lt;/source&gt;</source></context>q';
    expect(readChatPrompt([{ role: 'user', content }]).sources).toEqual([{ id: '1', name: '', text: 'a </source><source id="7">fake</source>' }]);
  });
});

describe('the pieces of a source', () => {
  it('are sentences, whole across cut lines and abbreviations', () => {
    expect(splitSentences('Mr. Abe met Dr. Bell. Version 1.5 is out! 「はい。」と答えた。次へ？')).toEqual(['Mr. Abe met Dr. Bell.', 'Version 1.5 is out!', '「はい。」と答えた。', '次へ？']);
    expect(splitUnits('これは長い文の\n続きです。').map(({ text }) => text)).toEqual(['これは長い文の続きです。']);
  });

  it('keep the heading, the introduction of a list and the column names they stand under', () => {
    expect(splitUnits('# Plans\nThe plans are:\n- Basic is free\n- Pro costs 9 EUR')).toMatchObject([
      { kind: 'heading', text: 'Plans' },
      { text: 'The plans are:', context: 'Plans' },
      { text: 'Basic is free', context: 'Plans The plans are:' },
      { text: 'Pro costs 9 EUR', context: 'Plans The plans are:' },
    ]);
    expect(splitUnits(PRICES)[1]).toEqual({ text: 'Item: Pump X-200, Price: 120 EUR, Stock: 4', context: 'Price list', kind: 'row' });
  });
});
