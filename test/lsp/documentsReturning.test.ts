import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Documents } from '../../server/lsp/documents.ts';

let documents: Documents;
let events: string[];

beforeEach(() => {
  vi.useFakeTimers();
  events = [];
  documents = new Documents({
    exclude: (uri) => (uri.endsWith('.env') ? { reason: 'it may hold secrets', isSecret: true } : undefined),
    opened: ({ uri }, formerly) => void events.push(`opened ${uri}${formerly ? ` from ${formerly}` : ''}`),
    changed: () => {},
    closed: (uri) => void events.push(`closed ${uri}`),
    departed: (uri) => void events.push(`departed ${uri}`),
    forgotten: (uri) => void events.push(`forgotten ${uri}`),
  });
  documents.open('a', 'typescript', 1, 'text');
  events = [];
});

afterEach(() => {
  vi.useRealTimers();
});

describe('a document that was closed', () => {
  it('is renamed where the same text is opened under another name', () => {
    documents.close('a');
    documents.open('b', 'typescript', 1, 'other');
    documents.open('c', 'typescript', 1, 'text');
    documents.open('d', 'typescript', 1, 'text');
    expect(events).toEqual(['closed a', 'opened b', 'opened c from a', 'opened d']);
    vi.runAllTimers();
    expect(events).toHaveLength(4);
  });

  it('is gone after a while', () => {
    documents.close('a');
    vi.advanceTimersByTime(4999);
    expect(events).toEqual(['closed a']);
    vi.advanceTimersByTime(1);
    documents.open('b', 'typescript', 1, 'text');
    expect(events).toEqual(['closed a', 'departed a', 'opened b']);
  });

  it('is gone once it is opened again under its own name, or many others were closed', () => {
    documents.close('a');
    documents.open('a', 'typescript', 1, 'text');
    expect(events).toEqual(['closed a', 'departed a', 'opened a']);
    for (let i = 0; i < 9; i++) {
      documents.open(`${i}`, 'typescript', 1, `text ${i}`);
      documents.close(`${i}`);
    }
    expect(events.filter((event) => event.startsWith('departed'))).toEqual(['departed a', 'departed 0']);
  });

  it('is forgotten where its text gets an excluded name', () => {
    documents.close('a');
    documents.open('.env', 'typescript', 1, 'text');
    expect(events).toEqual(['closed a', 'forgotten a']);
  });

  it('is no other one that is empty, too', () => {
    documents.open('a', 'typescript', 1, '\n');
    documents.close('a');
    documents.open('b', 'typescript', 1, '\n');
    expect(events.at(-1)).toBe('opened b');
  });
});

describe('a lost document', () => {
  it('is followed again once its whole text is known, in its own language, if it is not excluded', () => {
    documents.lose('a', 'why');
    expect(documents.excluded).toEqual(new Map([['a', 'why']]));
    expect(documents.recover('a', 7, 'new')).toMatchObject({ languageId: 'typescript', version: 7 });
    expect(documents.recover('a', 8, 'newer')).toBeUndefined();
    expect(documents.recover('.env', 1, 'text')).toBeUndefined();
    expect([...documents.excluded.keys()]).toEqual(['.env']);
  });
});
