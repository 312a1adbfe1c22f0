import { describe, expect, it } from 'vitest';
import type { Event, Outcome } from '../../server/commands/demo/replay.ts';
import { locate } from '../../server/commands/demo/session.ts';
import { sessions } from '../../server/commands/demo/sessions/index.ts';
import { run } from './cli.ts';

type Report = (Outcome & { session: string; file: string; events: Event[] })[];

/** How predictions were offered and taken, over all sessions. */
const channels = new Set<string>();

describe('demo', () => {
  it('lists its sessions', () => {
    const { code, stdout } = run('demo', '--list');
    expect(code).toBe(0);
    for (const { name } of sessions) expect(stdout).toContain(`${name} `);
    expect(JSON.parse(run('demo', '--list', '--json').stdout)).toHaveLength(sessions.length);
  });

  it('refuses a session that there is not', () => {
    const { code, stdout, stderr } = run('demo', '--session', 'nonsense');
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain("there is no session 'nonsense'; there are: rename, ");
  });

  it.each(sessions.map((session) => [session.name, session] as const))(
    'replays %s against the real server, from keystrokes to accepted predictions',
    (name, { text, goal, file }) => {
      const { code, stdout, stderr } = run('demo', '--session', name, '--json');
      expect(stderr).toBe('');
      expect(code).toBe(0);
      const [report] = JSON.parse(stdout) as Report;
      expect(report).toMatchObject({ session: name, file, reachedGoal: true, text: goal });
      const events = report?.events ?? [];
      expect(events[0]?.kind).toBe('started');
      // Every text follows from the one before it: what was shown is what was applied.
      let now = text;
      for (const event of events) {
        if (event.kind !== 'typed' && event.kind !== 'offered') continue;
        expect(event.before).toBe(now);
        if (event.kind === 'typed' || event.accepted) now = event.after;
        if (event.kind !== 'offered') continue;
        expect(event.latencyMs).toBeGreaterThanOrEqual(0);
        expect(String(event.latencyMs)).toMatch(/^\d+(\.\d)?$/);
        if (event.accepted) channels.add(event.via);
      }
      expect(now).toBe(goal);
      expect(report?.accepted).toBe(events.filter((event) => event.kind === 'offered' && event.accepted).length);
      expect(report?.accepted).toBeGreaterThan(0);
    },
  );

  it('shows every way in which a prediction reaches an editor', () => {
    expect([...channels].sort()).toEqual(['codeActionAll', 'ghostText', 'nextEdit']);
  });

  it('prints diffs, latencies, how each is offered, and the file, without colours into a pipe', () => {
    const { stdout } = run('demo', '--session', 'rename');
    expect(stdout).toMatch(/predicted in line \d+ after [\d.]+ ms, accepted\noffered as next edit/);
    expect(stdout).toContain('code action (textDocument/codeAction): Apply');
    expect(stdout).toContain('-    return sum(reading.temp for');
    expect(stdout).toContain('+    return sum(reading.celsius for');
    expect(stdout).toContain('weather.py now\n');
    expect(stdout).not.toContain('\u001b');
  });

  it('leaves the parameter of the same name in the next function alone, and is not even tempted', () => {
    const [report] = JSON.parse(run('demo', '--session', 'parameter', '--json').stdout) as Report;
    expect(report).toMatchObject({ accepted: 1, rejected: 0 });
    expect(report?.text).toContain('func Net(n float64, ');
  });

  it('says what is pasted', () => {
    const { stdout } = run('demo', '--session', 'copy');
    expect(stdout).toMatch(/^you paste\n@@ .*\n\+\n\+\.badge-info/m);
    expect(stdout).toMatch(/^\d+ keys typed, /m);
  });

  it('is told where a session does not fit its text', () => {
    expect(() => locate('abc', { kind: 'go', before: 'x' })).toThrow('has no 1. "x"');
    expect(locate('abab', { kind: 'go', behind: 'b', nth: 2 })).toBe(4);
  });
});
