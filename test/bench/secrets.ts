/**
 * How many public source files have something masked that looks like a secret, and what finding it costs. Run, for clones or bare
 * repositories (the folders that `git --git-dir` takes): npx tsx test/bench/secrets.ts [--show] [--each N] GIT_DIR...
 */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { Exclusion } from '../../server/history/exclusion.ts';
import { findSecrets } from '../../server/history/secretSpans.ts';
import { defaultSettings } from '../../server/settings/settings.ts';

const args = process.argv.slice(2);
const show = args.includes('--show');
const each = Number(args[args.indexOf('--each') + 1] ?? 60) || 60;
const folders = args.filter((argument, i) => !argument.startsWith('--') && args[i - 1] !== '--each');
const binary =
  /\.(?:png|jpe?g|gif|ico|svg|webp|woff2?|ttf|eot|otf|pdf|zip|gz|xz|jar|bin|exe|wasm|mp[34]|snap|map|lock)$/i;
const exclusion = new Exclusion({ ...defaultSettings, 'exclude.gitignored': false });

const counts = { files: 0, characters: 0, masked: 0, spans: 0, maskedCharacters: 0, byName: 0, byContent: 0 };
const languages = new Set<string>();
let ms = 0;
for (const folder of folders) {
  const git = (...rest: string[]) =>
    execFileSync('git', ['--git-dir', folder, ...rest], { maxBuffer: 2 ** 30, stdio: ['ignore', 'pipe', 'ignore'] });
  const names = git('ls-tree', '-r', '--name-only', '-z', 'HEAD')
    .toString()
    .split('\0')
    .filter((name) => name && !binary.test(name));
  const step = Math.max(1, Math.floor(names.length / each));
  for (let i = 0; i < names.length; i += step) {
    const name = names[i] ?? '';
    let text: string;
    try {
      text = git('show', `HEAD:${name}`).toString();
    } catch {
      continue;
    }
    const uri = `file:///work/${name.split('/').map(encodeURIComponent).join('/')}`;
    const byName = exclusion.nameReason(uri);
    if (byName !== undefined) {
      if (byName.includes('secrets')) {
        counts.byName++;
        if (show) console.log(`${path.basename(path.dirname(folder))} ${name}: ${byName}`);
      }
      continue;
    }
    const reason = exclusion.reason(uri, text);
    if (reason === 'holds a private key') {
      counts.byContent++;
      if (show) console.log(`${path.basename(path.dirname(folder))} ${name}: ${reason}`);
    }
    if (reason !== undefined) continue;
    counts.files++;
    counts.characters += text.length;
    languages.add(path.extname(name));
    const start = performance.now();
    const spans = findSecrets(text);
    ms += performance.now() - start;
    if (spans.length === 0) continue;
    counts.masked++;
    counts.spans += spans.length;
    for (const span of spans) {
      counts.maskedCharacters += span.end - span.start;
      if (show)
        console.log(
          `${path.basename(path.dirname(folder))} ${name}: ${JSON.stringify(text.slice(Math.max(0, span.start - 30), span.end)).slice(0, 160)}`,
        );
    }
  }
}
const percent = (part: number, of: number) => `${((100 * part) / of).toFixed(3)} %`;
console.log(`${counts.files} files of ${languages.size} extensions in ${folders.length} repositories`);
console.log(
  `something masked in ${counts.masked} (${percent(counts.masked, counts.files)}), ${counts.spans} places, ${percent(counts.maskedCharacters, counts.characters)} of all characters`,
);
console.log(`kept out besides, by name as secrets ${counts.byName}, for a private key ${counts.byContent}`);
console.log(`${((1e6 * ms) / counts.characters).toFixed(1)} ns a character`);
