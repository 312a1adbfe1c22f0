import { counted } from '../../shared/plural.ts';
import { type Event, type Outcome, replay } from './demo/replay.ts';
import type { Session } from './demo/session.ts';
import { sessions } from './demo/sessions/index.ts';
import { outputColors as colors, showDiff } from './showDiff.ts';

export interface DemoOptions {
  /** The session to replay; all of them without it. */
  readonly session?: string;
  readonly list?: boolean;
  readonly json?: boolean;
}

/**
 * `demo`: replays editing sessions against the real server and prints what happens: each prediction as a diff, with its
 * latency and how it is offered, and the file at the end. Returns the exit code: 2 for a session that there is not.
 */
export async function demo({ session: name, list = false, json = false }: DemoOptions): Promise<number> {
  const chosen = sessions.filter((session) => name === undefined || session.name === name);
  if (chosen.length === 0) {
    const names = sessions.map((session) => session.name).join(', ');
    process.stderr.write(`cursorcore-lsp demo: there is no session '${name}'; there are: ${names}\n`);
    return 2;
  }
  if (list) {
    print(json ? toJson(chosen.map(({ name, title, file }) => ({ name, title, file }))) : chosen.map(listed).join(''));
    return 0;
  }
  const report: unknown[] = [];
  for (const session of chosen) {
    if (!json) print(heading(session));
    const events: Event[] = [];
    const outcome = await replay(session, (event) => {
      events.push(event);
      if (!json) print(describe(event, session.file));
    });
    if (!json) print(summary(session, outcome, events));
    report.push({ session: session.name, file: session.file, events, ...outcome });
  }
  if (json) print(toJson(report));
  return 0;
}

function print(text: string): void {
  process.stdout.write(text);
}

/** Times, whose names end in `Ms`, to a tenth: what is finer is noise. */
function toJson(value: unknown): string {
  const round = (key: string, item: unknown) =>
    key.endsWith('Ms') && typeof item === 'number' ? Math.round(item * 10) / 10 : item;
  return `${JSON.stringify(value, round, 2)}\n`;
}

function listed({ name, title, file }: Session): string {
  return `${name.padEnd(10)} ${title} (${file})\n`;
}

function heading({ title, file }: Session): string {
  return `${colors.bold(colors.underline(`${file}: ${title}`))}\n\n`;
}

const channels = {
  ghostText: 'ghost text at the cursor (textDocument/inlineCompletion)',
  nextEdit: 'next edit (textDocument/copilotInlineEdit)',
  codeAction: 'code action (textDocument/codeAction)',
  codeActionAll: 'code action (textDocument/codeAction)',
} as const;

function describe(event: Event, file: string): string {
  switch (event.kind) {
    case 'started':
      return colors.dim(`the server answered initialize after ${event.initializeMs.toFixed(0)} ms\n\n`);
    case 'typed': {
      const { pasted, keys, line } = event;
      const what = pasted
        ? colors.bold('you paste')
        : `${colors.bold('you type')} ${counted(keys, 'key')} in line ${line}`;
      return `${what}\n${diffOf(file, event)}\n`;
    }
    case 'offered': {
      const { via, title, alsoAs, line, latencyMs, accepted } = event;
      const verdict = accepted ? colors.green('accepted') : colors.yellow('turned down: not what you have in mind');
      const isAction = via === 'codeAction' || via === 'codeActionAll';
      const head = `${colors.bold(colors.magenta('predicted'))} in line ${line} after ${latencyMs.toFixed(1)} ms, ${verdict}`;
      const offered = [`offered as ${channels[via]}${isAction ? `: ${title}` : ''}`];
      for (const action of alsoAs) offered.push(`and as ${channels.codeAction}: ${action}`);
      return `${head}\n${colors.dim(offered.join('\n'))}\n${diffOf(file, event)}\n`;
    }
    case 'silent':
      return `${colors.dim('nothing is predicted here')}\n\n`;
    case 'message':
      return `${colors.yellow('the server says')} ${event.text}\n\n`;
  }
}

function diffOf(file: string, { before, after }: { before: string; after: string }): string {
  return showDiff(file, before, after, { context: 0, bare: true });
}

function summary({ file, goal }: Session, outcome: Outcome, events: readonly Event[]): string {
  const { text, reachedGoal, keys, accepted, rejected, acceptedLength } = outcome;
  const latencies = events.flatMap((event) => (event.kind === 'offered' ? event.latencyMs : [])).sort((a, b) => a - b);
  const median = latencies[Math.floor(latencies.length / 2)];
  const lines = [
    `${colors.bold(`${file} now`)}\n${numbered(text)}`,
    `${counted(keys, 'key')} typed, ${counted(accepted, 'prediction')} accepted (${counted(acceptedLength, 'character')}), ${rejected} turned down` +
      `${median === undefined ? '' : `, median latency ${median.toFixed(1)} ms`}`,
  ];
  if (reachedGoal) lines.push(colors.green('The file is as you had it in mind.'));
  else lines.push(colors.yellow('What is left for you to type:'), showDiff(file, text, goal, { context: 0 }).trimEnd());
  return `${lines.join('\n')}\n\n`;
}

function numbered(text: string): string {
  const lines = text.replace(/\n$/, '').split('\n');
  const width = String(lines.length).length;
  return `${lines.map((line, i) => `${colors.dim(String(i + 1).padStart(width))} ${line}`).join('\n')}\n`;
}
