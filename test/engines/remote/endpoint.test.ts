import { describe, expect, it } from 'vitest';
import { keySourceProblem, readKey } from '../../../server/engines/remote/apiKey.ts';
import { readEndpoint } from '../../../server/engines/remote/remoteAddress.ts';
import { folderWith } from '../../commands/cli.ts';

describe('remote.url', () => {
  it.each([
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080/v1', 'http://127.0.0.1:8080'],
    [' http://localhost:8080/ ', 'http://localhost:8080/v1', 'http://localhost:8080'],
    ['http://[::1]:8080/v1/', 'http://[::1]:8080/v1', 'http://[::1]:8080'],
    ['http://llm.localhost/v1/completions', 'http://llm.localhost/v1', 'http://llm.localhost'],
    ['https://models.example/api/v3', 'https://models.example/api/v3', 'https://models.example/api'],
    ['https://models.example/team/', 'https://models.example/team/v1', 'https://models.example/team'],
    ['https://models.example/v1/chat/completions', 'https://models.example/v1', 'https://models.example'],
  ])('%s is asked at %s', (address, api, root) => {
    expect(readEndpoint(address, false)).toMatchObject({ endpoint: { api, root } });
  });

  it.each([
    ['127.0.0.1:8080', /no address/],
    ['ftp://models.example', /no address/],
    ['http://models.example', /unencrypted: use https, or set remote.allowHttp/],
    ['http://localhost.example', /unencrypted/],
    ['http://127.0.0.1.example', /unencrypted/],
    ['https://user:sesame@models.example', /has a name or password in it/],
    ['https://models.example/v1?key=sesame', /behind \? or #/],
  ])('%s is refused, and no password repeated', (address, message) => {
    const { problem } = { problem: '', ...readEndpoint(address, false) };
    expect(problem).toMatch(message);
    expect(problem).not.toContain('sesame');
  });

  it('may be http to another machine where the settings say so', () => {
    expect(readEndpoint('http://models.example', true)).toMatchObject({ endpoint: { isLoopback: false } });
  });
});

describe('the key', () => {
  const { folder, remove } = folderWith({
    key: ' sesame \n',
    empty: '',
    many: 'sesame\nsesame',
    long: 'x'.repeat(10_000),
  });
  const file = (name: string) => ({ variable: '', file: `${folder}/${name}` });

  it('comes from a variable or a file', async () => {
    expect(await readKey({ variable: '', file: '' }, {})).toBeUndefined();
    expect(await readKey({ variable: 'KEY', file: '' }, { KEY: 'sesame' })).toBe('sesame');
    expect(await readKey(file('key'), {})).toBe('sesame');
  });

  it('that is none is told of without a word of it', async () => {
    for (const source of [file('empty'), file('many'), file('long'), file('nothing'), file('.')]) {
      const error = await readKey(source, {}).catch((reason) => reason);
      expect(error.topic).toBe('remote: key');
      expect(error.message).not.toContain('sesame');
    }
    await expect(readKey({ variable: 'KEY', file: '' }, { KEY: 'ses\tame' })).rejects.toThrow(/holds no key/);
    remove();
  });

  it('itself in the place of its name is refused and not repeated', () => {
    for (const source of [
      { variable: 'sk-sesame', file: '' },
      { variable: '', file: 'sk-sesame' },
      { variable: 'A', file: '/sesame' },
    ]) {
      expect(keySourceProblem(source)).toMatch(/remote\.key/);
      expect(keySourceProblem(source)).not.toContain('sesame');
    }
    expect(keySourceProblem({ variable: 'OPENAI_API_KEY', file: '' })).toBeUndefined();
  });
});
