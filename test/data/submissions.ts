import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export interface Sent {
  readonly user: string;
  readonly text: string | Uint8Array;
  readonly status: string;
  readonly language?: string;
  readonly extension?: string;
}

/** Writes what was sent in for a problem as CodeNet has it. */
export function writeProblem(folder: string, problem: string, sent: readonly Sent[], statement?: string): void {
  const rows = ['submission_id,problem_id,user_id,date,language,original_language,filename_ext,status,cpu_time'];
  for (const [i, { user, text, status, language = 'Python', extension = 'py' }] of sent.entries()) {
    const id = `s${String(i).padStart(9, '0')}`;
    rows.push(`${id},${problem},${user},${1_500_000_000 + i},${language},"${language}, 3.0",${extension},${status},20`);
    const place = path.join(folder, 'data', problem, language);
    mkdirSync(place, { recursive: true });
    writeFileSync(path.join(place, `${id}.${extension}`), text);
  }
  mkdirSync(path.join(folder, 'metadata'), { recursive: true });
  writeFileSync(path.join(folder, 'metadata', `${problem}.csv`), `${rows.join('\n')}\n`);
  if (statement === undefined) return;
  mkdirSync(path.join(folder, 'problem_descriptions'), { recursive: true });
  writeFileSync(path.join(folder, 'problem_descriptions', `${problem}.html`), statement);
}
