import { request } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { CompletionEndpoint } from '../../server/completions/completionEndpoint.ts';
import { RateLimit } from '../../server/completions/guard.ts';
import type { Engine } from '../../server/engines/engine.ts';
import { PatternEngine } from '../../server/engines/pattern/patternEngine.ts';
import { defaultSettings } from '../../server/settings/settings.ts';
import { EngineError } from '../../shared/errors.ts';
import { fixture, fixtures, formats, withoutLastLineEnd } from './fixtures.ts';

const token = 'a token for these tests';
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

interface Asked {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
  readonly path?: string;
}

async function started(engines?: readonly Engine[], excluded?: string) {
  const used = engines ?? [new PatternEngine({ minConfidence: defaultSettings['pattern.minConfidence'] })];
  const log: string[] = [];
  const endpoint = new CompletionEndpoint({
    address: { host: '127.0.0.1', port: 0 },
    token,
    engines: async () => used,
    settings: () => defaultSettings,
    keptOut: (path) => (path === excluded ? 'a secret by its name' : undefined),
    log: (message) => log.push(message),
  });
  const url = new URL(await endpoint.listen());
  ends.push(async () => {
    await endpoint.close();
    for (const engine of used) await engine.dispose();
  });
  const ask = ({ body, headers, method = 'POST', path = url.pathname }: Asked = {}) =>
    new Promise<Answer>((resolve, reject) => {
      const all = { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers };
      const sent = request({ host: url.hostname, port: url.port, method, path, headers: all }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            body: Buffer.concat(parts).toString(),
            headers: response.headers,
          }),
        );
      });
      sent.on('error', reject);
      sent.end(typeof body === 'string' ? body : JSON.stringify(body ?? {}));
    });
  return { ask, log, url };
}

describe('edits from the pattern engine', () => {
  const renamed = fixture('a function is renamed');

  test.each(formats)('the uses of a name that was changed, asked as %s', async (format) => {
    const { ask } = await started();
    const { status, body } = await ask({
      body: { model: 'zeta2', prompt: renamed.prompts[format], max_tokens: 2048, stop: [] },
    });
    expect(status).toBe(200);
    const completion = JSON.parse(body);
    expect(completion).toMatchObject({
      object: 'text_completion',
      model: 'zeta2',
      choices: [{ finish_reason: 'stop' }],
    });
    expect(completion.choices[0].text).toBe(renamed.answers[format]);
  });

  test('a client that wants a stream gets one', async () => {
    const { ask } = await started();
    const { body, headers } = await ask({ body: { prompt: renamed.prompts.zeta2, stream: true } });
    expect(headers['content-type']).toBe('text/event-stream');
    const [first = '', last] = body.trim().split('\n\n');
    expect(JSON.parse(first.replace(/^data: /, '')).choices[0].text).toBe(renamed.answers.zeta2);
    expect(last).toBe('data: [DONE]');
  });

  test.each(formats)('where nothing follows, the region as it is, asked as %s', async (format) => {
    const { ask } = await started();
    const { prompts, region } = fixture('the file has no line end at its end');
    const { body } = await ask({ body: { prompt: prompts[format] } });
    const text: string = JSON.parse(body).choices[0].text;
    if (format === 'zeta2.1') expect(text).toBe('<|marker_1|><|marker_1|>');
    else expect(withoutLastLineEnd(text)).toBe((format === 'zeta1' ? '<|editable_region_start|>\n' : '') + region);
  });

  test('a file that is kept out', async () => {
    const { ask, log } = await started(undefined, renamed.path);
    const { body } = await ask({ body: { prompt: renamed.prompts['zeta2.1'] } });
    expect(JSON.parse(body).choices[0].text).toBe('<|marker_1|><|marker_1|>');
    expect(log).toEqual(['completion: none, a secret by its name']);
  });

  test('the log has no text of documents', async () => {
    const { ask, log } = await started();
    for (const { prompts } of fixtures) await ask({ body: { prompt: prompts.zeta1 } });
    expect(log).toHaveLength(fixtures.length);
    for (const line of log) expect(line).toMatch(/^completion: zeta1, \d+ edits? by pattern in [\d.]+ ms$/);
  });
});

describe('who is served', () => {
  const body = { prompt: fixture('a function is renamed').prompts.zeta2 };

  test.each<[string, Asked, number]>([
    ['a page of another site', { headers: { origin: 'https://example.org' } }, 403],
    ['a page from the disk', { headers: { origin: 'null' } }, 403],
    ['a browser without an origin', { headers: { 'sec-fetch-site': 'cross-site' } }, 403],
    ['a name that was made to mean this machine', { headers: { host: 'evil.example:7079' } }, 403],
    ['no token', { headers: { authorization: '' } }, 401],
    ['another token', { headers: { authorization: 'Bearer a token for these test' } }, 401],
    ['a form', { headers: { 'content-type': 'text/plain' } }, 415],
    ['a request before one from a page', { method: 'OPTIONS' }, 405],
    ['a link', { method: 'GET' }, 405],
    ['another path', { path: '/v1/models' }, 404],
  ])('not %s', async (_, asked, status) => {
    const { ask } = await started();
    const answer = await ask({ body, ...asked });
    expect(answer.status).toBe(status);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    expect(answer.body).not.toContain('count');
    expect((await ask({ body })).status).toBe(200);
  });

  test.each<[string, unknown, string]>([
    ['no JSON', '{', 'no JSON'],
    ['no prompt', { model: 'x' }, 'string `prompt`'],
    ['a prompt of another kind', { prompt: ['a'] }, 'string `prompt`'],
    ['a prompt of another format', { prompt: '<PRE> a <SUF> b <MID>' }, 'set "model": "zeta2"'],
  ])('%s is answered with what to do', async (_, asked, words) => {
    const { ask } = await started();
    const answer = await ask({ body: asked });
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body).error.message).toContain(words);
  });

  test('a body that is too large is not read to its end', async () => {
    const { ask } = await started();
    const answer = await ask({ body: { prompt: 'x'.repeat(300_000) } }).catch((error) => error.code);
    expect(answer.status ?? answer).toBeOneOf([413, 'ECONNRESET', 'EPIPE']);
    expect((await ask({ body })).status).toBe(200);
  });

  test('more requests at once than one editor sends', async () => {
    const engine = waiting();
    const { ask } = await started([engine]);
    const of = (path: string) => ask({ body: { prompt: body.prompt.replaceAll('shop/src/shop.js', path) } });
    const answers = Array.from({ length: 8 }, (_, i) => of(`${i}.js`));
    await engine.asked(8);
    expect((await of('9.js')).status).toBe(429);
    engine.answer();
    for (const answer of answers) expect((await answer).status).toBe(200);
  });

  test('more requests than anyone types', () => {
    let now = 0;
    const limit = new RateLimit(3, 2, () => now);
    const passed = () => [limit.pass(), limit.pass(), limit.pass(), limit.pass()];
    expect(passed()).toEqual([true, true, true, false]);
    now = 1000;
    expect(passed()).toEqual([true, true, false, false]);
    now = 60_000;
    expect(passed()).toEqual([true, true, true, false]);
  });
});

describe('an engine that takes long, or fails', () => {
  const body = { prompt: fixture('a function is renamed').prompts['zeta2.1'] };
  const nothing = '<|marker_1|><|marker_1|>';

  test('a newer request for the same file ends an older one, with silence', async () => {
    const engine = waiting();
    const { ask } = await started([engine]);
    const older = ask({ body });
    await engine.asked(1);
    const newer = ask({ body });
    expect(JSON.parse((await older).body).choices[0].text).toBe(nothing);
    await engine.asked(2);
    engine.answer();
    expect((await newer).status).toBe(200);
    expect(engine.cancelled).toBe(1);
  });

  test('a client that leaves ends its own', async () => {
    const engine = waiting();
    const { url } = await started([engine]);
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    const sent = request({ host: url.hostname, port: url.port, method: 'POST', path: url.pathname, headers });
    sent.on('error', () => {});
    sent.end(JSON.stringify(body));
    await engine.asked(1);
    sent.destroy();
    await expect.poll(() => engine.cancelled).toBe(1);
  });

  test.each<[string, Error, string]>([
    ['an error of the engine is passed on', new EngineError('The model does not fit into memory.'), 'does not fit'],
    ['of any other none of its words', new Error('secret text'), 'the engine failed'],
  ])('%s', async (_, error, words) => {
    const { ask } = await started([{ ...silent(), predict: () => Promise.reject(error) }]);
    const answer = await ask({ body });
    expect(answer.status).toBe(503);
    expect(JSON.parse(answer.body).error.message).toContain(words);
    expect(answer.body).not.toContain('secret');
  });
});

function silent(): Engine {
  return {
    name: 'silent',
    supportsInstructions: false,
    predict: async () => ({ edits: [] }),
    dispose: async () => {},
  };
}

/** An engine that answers once it is told to. */
function waiting() {
  const calls: (() => void)[] = [];
  const engine = {
    ...silent(),
    cancelled: 0,
    predict: (_: unknown, signal: AbortSignal) =>
      new Promise<{ edits: [] }>((resolve, reject) => {
        calls.push(() => resolve({ edits: [] }));
        signal.addEventListener('abort', () => {
          engine.cancelled++;
          reject(signal.reason);
        });
      }),
    asked: (count: number) => expect.poll(() => calls.length).toBe(count),
    answer: () => {
      for (const call of calls) call();
    },
  };
  return engine;
}
