import { go, look, type Session, type } from '../session.ts';

const text = `import { readFile, writeFile } from 'node:fs/promises';

type Level = 'info' | 'warn';

function log(level: Level, message: string): void {
  process.stderr.write(\`\${level}: \${message}\\n\`);
}

interface Job {
  source: string;
  target: string;
}

export async function copy(job: Job): Promise<void> {
  log('info', 'reading the source');
  const text = await readFile(job.source, 'utf8');
  if (text.length === 0) {
    log('warn', 'the source is empty');
    return;
  }
  log('info', 'writing the target');
  await writeFile(job.target, text);
  log('info', 'done');
}

export async function check(job: Job): Promise<boolean> {
  log('info', 'comparing');
  const [source, target] = await Promise.all([readFile(job.source), readFile(job.target)]);
  if (!source.equals(target)) {
    log('warn', 'the files differ');
    return false;
  }
  log('info', 'the files are equal');
  return true;
}
`;

/** A function gets another parameter: its calls get the argument. */
export const argument: Session = {
  name: 'argument',
  title: 'A call gets one more argument; the similar calls follow',
  file: 'copy.ts',
  languageId: 'typescript',
  text,
  moves: [
    go({ behind: 'level: Level, message: string' }),
    type(', job?: Job'),
    go({ behind: "'reading the source'" }),
    type(', job'),
    look(),
  ],
  goal: text
    .replace('message: string)', 'message: string, job?: Job)')
    .replace(/(log\('(?:info|warn)', '[^']*')\)/g, '$1, job)'),
};
