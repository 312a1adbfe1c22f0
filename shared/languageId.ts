import path from 'node:path';

/** LSP language identifiers (LSP 3.18, "Text Document Language Identifiers") of file name extensions. */
const languages: Readonly<Record<string, string>> = {
  c: 'c',
  cc: 'cpp',
  clj: 'clojure',
  cpp: 'cpp',
  cs: 'csharp',
  css: 'css',
  cts: 'typescript',
  dart: 'dart',
  el: 'emacs-lisp',
  ex: 'elixir',
  exs: 'elixir',
  go: 'go',
  h: 'c',
  hpp: 'cpp',
  hs: 'haskell',
  html: 'html',
  java: 'java',
  js: 'javascript',
  json: 'json',
  jsx: 'javascriptreact',
  kt: 'kotlin',
  lua: 'lua',
  md: 'markdown',
  mjs: 'javascript',
  mts: 'typescript',
  php: 'php',
  pl: 'perl',
  ps1: 'powershell',
  py: 'python',
  r: 'r',
  rb: 'ruby',
  rs: 'rust',
  scala: 'scala',
  scss: 'scss',
  sh: 'shellscript',
  sql: 'sql',
  swift: 'swift',
  toml: 'toml',
  ts: 'typescript',
  tsx: 'typescriptreact',
  vue: 'vue',
  xml: 'xml',
  yaml: 'yaml',
  yml: 'yaml',
  zig: 'zig',
};

/** The language identifier that a file's name suggests; empty when it suggests none. */
export function languageIdOf(file: string): string {
  const extension = path.extname(file).slice(1).toLowerCase();
  return Object.hasOwn(languages, extension) ? (languages[extension] ?? '') : '';
}

/** Prose and data languages, whose edits teach little about code. */
const notCode: ReadonlySet<string> = new Set(['json', 'markdown', 'xml']);

/** The language of a file of code; empty for any other file. */
export function codeLanguageOf(file: string): string {
  const language = languageIdOf(file);
  return notCode.has(language) ? '' : language;
}
