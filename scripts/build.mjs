// Bundles the server into dist/: one entry, lazily loaded chunks, and the licences of what was bundled.
// With --dev nothing is minified, and there are source maps.
// Bundling is what keeps start-up under three times that of an empty script (test/bench/startup.ts measures it).
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';

const isDev = process.argv.includes('--dev');
const { version } = JSON.parse(readFileSync('package.json', 'utf8'));

rmSync('dist', { recursive: true, force: true });
const result = await build({
  entryPoints: {
    main: 'server/main.ts',
    engineWorker: 'server/engines/engineWorker.ts',
    modelHost: 'server/model-host/host.ts',
    modelHostPulse: 'server/model-host/pulse.ts',
  },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  minify: !isDev,
  sourcemap: isDev,
  keepNames: true,
  metafile: true,
  external: ['onnxruntime-node', 'koffi'],
  // Beside the entries, because a chunk that starts the worker looks for it beside itself.
  chunkNames: '[name]-[hash]',
  define: { CURSORCORE_VERSION: JSON.stringify(version) },
  // Some dependencies are CommonJS and call require() for Node's own modules.
  banner: {
    js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});

// Run by Python, not by Node; harness.ts looks for it beside itself.
copyFileSync('server/eval/apeval/runSolution.py', 'dist/runSolution.py');

/** The folder of the npm package a bundled input came from, or undefined for our own sources. */
function packageFolder(input) {
  const match = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input);
  return match?.[1];
}

const folders = [...new Set(Object.keys(result.metafile.inputs).map(packageFolder).filter(Boolean))].sort();
const notices = folders.map((folder) => {
  const manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
  const text = file && existsSync(path.join(folder, file)) ? readFileSync(path.join(folder, file), 'utf8') : '';
  return `${manifest.name} ${manifest.version} (${manifest.license})\n\n${text.trim()}\n`;
});
writeFileSync('dist/THIRD_PARTY_NOTICES.txt', notices.join(`\n${'-'.repeat(80)}\n\n`));

// What dist/ was made of, so that tests of the built program can refuse one that is older (test/built.ts).
const sources = Object.keys(result.metafile.inputs).filter(
  (input) => packageFolder(input) === undefined && existsSync(input),
);
const hashOf = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');
const made = [...sources.sort(), 'scripts/build.mjs', 'package-lock.json'].map((file) => [file, hashOf(file)]);
writeFileSync('dist/sources.json', JSON.stringify(Object.fromEntries(made)));
