import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DocumentHistory } from '../../server/history/documentHistory.ts';
import { EditHistory } from '../../server/history/editHistory.ts';
import { findSecrets, mask, maskSecrets, moveSpans } from '../../server/history/secretSpans.ts';
import { applyDelta, invertDelta } from '../../shared/edits/delta.ts';

/** Made up; put together here so that no scanner takes this file for a leak. */
const random = 'q7Rw2Zk9Xb4Nv8Tj3Lm6Pc1Hd5Gf0Sy7Ue2Ao9Iw4Bt8Kz3';
const upper = 'Q7RW2ZK5XB4NV3TJ6LMA';
const hex = '0f4c8b2e9a7d6135c8e0f4b27a9d631e5c0f8b4e2a7d9613';
const tokens: readonly [maker: string, token: string][] = [
  ['AWS', `AKIA${upper.slice(0, 16)}`],
  ['Google', `AIza${random.slice(0, 35)}`],
  ['Google OAuth', `ya29.${random}`],
  ['Google client', `GOCSPX-${random.slice(0, 28)}`],
  ['GitHub', `ghp_${random.slice(0, 36)}`],
  ['GitHub, fine-grained', `github_pat_${random}${random.slice(0, 30)}`],
  ['GitLab', `glpat-${random.slice(0, 20)}`],
  ['Slack', `xoxb-123456789012-123456789012-${random.slice(0, 24)}`],
  ['Slack app', `xapp-1-${upper.slice(0, 11)}-1234567890-${hex}`],
  ['Stripe', `sk_live_${random.slice(0, 24)}`],
  ['OpenAI', `sk-proj-${random}T3BlbkFJ${random}`],
  ['OpenAI, older', `sk-${random.slice(0, 20)}T3BlbkFJ${random.slice(0, 20)}`],
  ['Anthropic', `sk-ant-api03-${random}${random}AA`],
  ['Hugging Face', `hf_${random.replace(/\d/g, 'k').slice(0, 34)}`],
  ['npm', `npm_${random.slice(0, 36)}`],
  ['PyPI', `pypi-AgEIcHlwaS5vcmc${random}`],
  ['RubyGems', `rubygems_${hex}`],
  ['Docker', `dckr_pat_${random.slice(0, 27)}`],
  ['DigitalOcean', `dop_v1_${hex}${hex.slice(0, 16)}`],
  ['Vault', `hvs.${random}${random}`],
  ['Databricks', `dapi${hex.slice(0, 32)}`],
  ['SendGrid', `SG.${random.slice(0, 22)}.${random.slice(0, 43)}`],
  ['Mailgun', `key-${hex.slice(0, 32)}`],
  ['Mailchimp', `${hex.slice(0, 32)}-us12`],
  ['Twilio', `SK${hex.slice(0, 32)}`],
  ['Telegram', `1234567890:AA${random.slice(0, 33)}`],
  ['Discord', `M${random.slice(0, 23)}.${random.slice(0, 6)}.${random.slice(0, 27)}`],
  ['Shopify', `shpat_${hex.slice(0, 32)}`],
  ['Square', `sq0atp-${random.slice(0, 22)}`],
  ['Atlassian', `ATATT3${random}${random}`],
  ['Azure', `abc8Q~${random.slice(0, 34)}`],
  ['age', `AGE-SECRET-KEY-1${upper}${upper}`],
  ['Grafana', `glsa_${random.slice(0, 32)}_0f4c8b2e`],
  ['New Relic', `NRAK-${upper}${upper.slice(0, 7)}`],
  ['Linear', `lin_api_${random.slice(0, 40)}`],
  ['Postman', `PMAK-${hex.slice(0, 24)}-${hex.slice(0, 34)}`],
  ['a web token', `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.${random.slice(0, 43)}`],
];

describe('findSecrets', () => {
  it('finds a key of Stripe that happens to have no digit', () => {
    const token = `sk_live_${random.replace(/\d/g, '').repeat(2).slice(0, 24)}`;
    expect(maskSecrets(`send(${token})`)).toBe(`send(${'x'.repeat(token.length)})`);
    expect(maskSecrets('sk_live_some_name_of_a_setting')).toBe('sk_live_some_name_of_a_setting');
  });

  it.each(tokens)('finds a token of %s in code, in a configuration, at the end of a text', (_, token) => {
    for (const [before, after] of [
      ["const token = '", "';\n"],
      ['token: ', '\n'],
      ['TOKEN=', ''],
      ['{"a":"', '"}'],
    ]) {
      expect(maskSecrets(before + token + after)).toBe(before + 'x'.repeat(token.length) + after);
    }
  });

  it.each([
    ['postgres://admin:', 'S3cr3t-9', '@db.example.com/x'],
    ['https://', '', `ghp_${random.slice(0, 36)}@github.com/a/b`],
    ['redis://:', 'hunter2', '@localhost:6379'],
    ['aws_secret_access_key = ', `${random.slice(0, 40)}`, '\n'],
    ["AWS_SECRET_ACCESS_KEY: '", `${random.slice(0, 40)}`, "'\n"],
    ['secretAccessKey: "', `${random.slice(0, 40)}`, '",\n'],
    ['DefaultEndpointsProtocol=https;AccountName=a;AccountKey=', `${random}==`, ';EndpointSuffix=core.windows.net'],
    ['Authorization: Bearer ', random, '\n'],
    ["headers: { Authorization: 'Basic ", `${random.slice(0, 24)}==`, "' }"],
    ['//registry.npmjs.org/:_authToken=', random.slice(0, 36), '\n'],
    ['https://hooks.slack.com/services/', `T0001/B0002/${random.slice(0, 24)}`, '\n'],
    ['https://discord.com/api/webhooks/', `123456789012345678/${random}`, "'"],
    ['PrivateKey = ', `${random.slice(0, 43)}=`, '\n'],
    ['https://a.blob.core.windows.net/c?sv=1&sig=', `${random}%3D`, '\n'],
  ])('finds what a name gives away: %s', (before, secret, after) => {
    const text = before + secret + after;
    const masked = maskSecrets(text);
    expect(masked).toHaveLength(text.length);
    if (secret) expect(masked).toBe(before + 'x'.repeat(secret.length) + after);
    else expect(masked).not.toContain(random.slice(0, 36));
  });

  it.each([
    'http://localhost:8080/a?b=c@d',
    'git@github.com:owner/name.git',
    'https://user:$PASSWORD@host/',
    `https://\${user}:\${password}@host/`,
    'postgres://postgres:postgres@localhost/x',
    'https://user:<password>@example.com',
    "if (text.startsWith('-----BEGIN PRIVATE KEY-----')) return parse(text);",
    '"-----BEGIN PRIVATE KEY-----\\n" + base64Encode(key) + "\\n"',
    'class="sk-circle sk-spinner-double-bounce"',
    '"sha512-q7Rw2Zk9Xb4Nv8Tj3Lm6Pc1Hd5Gf0Sy7Ue2Ao9Iw4Bt8Kz3AAAAAAAAA=="',
    '0f4c8b2e9a7d6135c8e0f4b27a9d631e5c0f8b4e',
    'npm_config_registry npm_lifecycle_event hf_tokenizer ghp_ AKIA xoxb- glpat-',
    'const secretAccessKey = readSecretAccessKeyFromTheEnvironment();',
    ['headers.Authorization = `Bearer $', '{token}`;'].join(''),
  ])('leaves %s alone', (code) => {
    expect(findSecrets(code)).toEqual([]);
  });

  it('hides the body of a private key, and keeps its lines', () => {
    const body = `MIIE${random}\n${random}\n${random.slice(0, 20)}`;
    const pem = `-----BEGIN RSA PRIVATE KEY-----\n${body}\n-----END RSA PRIVATE KEY-----\n`;
    expect(maskSecrets(pem)).toBe(pem.replace(body, body.replace(/\S/g, 'x')));
    expect(maskSecrets(`key = "${pem.replaceAll('\n', '\\n')}"`)).not.toContain(random.slice(0, 20));
  });
});

const part = fc.constantFrom(
  ...tokens.map(([, token]) => token),
  'a = 1;\n',
  '\n',
  "'",
  'x',
  `${random}\n`,
  ' é😀 ',
  'pw:',
);
const edit = fc.record({ at: fc.nat(400), remove: fc.nat(30), text: fc.oneof(part, fc.string({ maxLength: 8 })) });

/** A token within a longer word is none. */
const alone = tokens.map(
  ([, token]) => new RegExp(`(?<![A-Za-z0-9])${token.replace(/[.-]/g, '\\$&')}(?![A-Za-z0-9_-])`),
);

describe('a history', () => {
  it('is that of the masked text, whatever is typed, and leads to it', () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), fc.array(edit, { maxLength: 25 }), (parts, edits) => {
        let real = parts.join('');
        const history = new DocumentHistory(real);
        for (const [i, { at, remove, text }] of edits.entries()) {
          const start = Math.min(at, real.length);
          const end = Math.min(start + remove, real.length);
          history.record([{ start, end, newText: text }], i * 1000);
          real = real.slice(0, start) + text + real.slice(end);
          expect(history.text).toBe(mask(real, history.secrets));
          let back = history.text;
          for (const delta of [...history.edits(32)].reverse()) back = applyDelta(back, invertDelta(delta));
          for (const delta of history.edits(32)) back = applyDelta(back, delta);
          expect(back).toBe(history.text);
          const seen = [history.text, ...history.snapshots(32)].join('\n');
          for (const shape of alone) expect(shape.exec(seen)?.[0]).toBeUndefined();
        }
      }),
      { numRuns: 200 },
    );
  });

  // That of Mailchimp begins like any hash.
  it.each(tokens.filter(([maker]) => maker !== 'Mailchimp'))(
    'never shows the token of %s as a whole, or most of it, however it came',
    (_, token) => {
      const most = token.slice(0, Math.ceil(token.length * 0.75));
      const seen = (history: DocumentHistory) =>
        [
          history.text,
          ...history.snapshots(32),
          ...history.edits(32).flatMap((delta) => delta.flatMap((c) => [c.removed, c.inserted])),
        ].join('\n');
      for (const size of [1, 7, 40]) {
        const history = new DocumentHistory("first\n\nkey = ''\nlast\n");
        let at = 14;
        for (let i = 0; i < token.length; i += size) {
          const piece = token.slice(i, i + size);
          history.record([{ start: at, end: at, newText: piece }], i * 100);
          at += piece.length;
          // Between two pieces something else is edited.
          history.record([{ start: 0, end: 1, newText: i % 2 === 0 ? 'F' : 'f' }], i * 100 + 50);
          expect(seen(history)).not.toContain(most);
        }
        history.record([{ start: at - 3, end: at - 2, newText: '' }], 1e6);
        expect(seen(history)).not.toContain(token.slice(0, -3));
        history.record([{ start: 14, end: 18, newText: '' }], 2e6);
        expect(seen(history)).not.toContain(token.slice(4, -3));
      }
    },
  );

  it('hides the password of a URL before its end is written', () => {
    const history = new DocumentHistory('');
    for (const [i, unit] of [...'postgres://admin:S3cr3tPassw'].entries()) {
      history.record([{ start: i, end: i, newText: unit }], i * 100);
    }
    expect(history.text).toBe('postgres://admin:xxxxxxxxxxx');
    history.record([{ start: 28, end: 28, newText: '@db' }], 5000);
    history.record([{ start: 31, end: 31, newText: '\nnext' }], 90_000);
    expect([history.text, ...history.snapshots(9)].join()).not.toContain('S3cr3t');
  });

  it('shows a port that looked like the beginning of a password, once something else is edited', () => {
    const history = new DocumentHistory('\n');
    history.record([{ start: 0, end: 0, newText: 'http://localhost:port' }], 0);
    history.record([{ start: 22, end: 22, newText: 'more' }], 60_000);
    expect(history.text).toBe('http://localhost:port\nmore');
    expect(history.secrets).toEqual([]);
  });

  it('is plain again once the secret is gone', () => {
    const history = new DocumentHistory('a\n');
    history.record([{ start: 2, end: 2, newText: `ghp_${random.slice(0, 36)}` }], 0);
    expect(history.secrets).toEqual([{ start: 2, end: 42 }]);
    history.record([{ start: 2, end: 42, newText: 'ghp_ is a prefix' }], 1000);
    expect([history.text, history.secrets]).toEqual(['a\nghp_ is a prefix', []]);
  });

  it('gives other documents no secrets either', () => {
    const histories = new EditHistory();
    histories.open({ uri: 'file:///a', path: 'a', languageId: '', text: 'a\n' });
    histories.change('file:///a', [{ start: 0, end: 1, newText: `const key = 'ghp_${random.slice(0, 36)}'` }], 0);
    const shown = () => JSON.stringify(histories.related('file:///b', 9, 0));
    expect(shown()).toContain("const key = 'xxxx");
    histories.close('file:///a');
    expect(shown()).toContain("const key = 'xxxx");
    expect(shown()).not.toContain('ghp_');
  });
});

it('spans move with the text', () => {
  const spans = [{ start: 5, end: 10 }];
  const moved = (start: number, removed: string, inserted: string) => moveSpans(spans, [{ start, removed, inserted }]);
  expect(moved(0, '', 'ab')).toEqual([{ start: 7, end: 12 }]);
  expect(moved(5, '', 'ab')).toEqual([{ start: 7, end: 12 }]);
  expect(moved(10, '', 'ab')).toEqual(spans);
  expect(moved(7, '', 'ab')).toEqual([{ start: 5, end: 12 }]);
  expect(moved(7, '', ' ')).toEqual([
    { start: 5, end: 7 },
    { start: 8, end: 11 },
  ]);
  expect(moved(3, 'abcd', '')).toEqual([{ start: 3, end: 6 }]);
  expect(moved(8, 'abcd', 'z')).toEqual([{ start: 5, end: 8 }]);
  expect(moved(5, 'abcde', 'z')).toEqual([]);
});
