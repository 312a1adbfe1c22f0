import { Command, InvalidArgumentError, Option } from 'commander';
import { addDataCommands, addRecordCommands } from './commands/data.ts';
import { failure } from './commands/failure.ts';
import { addModelCommands } from './commands/model/register.ts';
import type { Transport } from './commands/serve.ts';
import type { CompletionOptions } from './lsp/completionService.ts';

declare const CURSORCORE_VERSION: string;

/** Exit status for a command line that cannot be understood. */
const usageError = 2;

const program = new Command('cursorcore-lsp')
  .description('Next-edit prediction for any editor that speaks LSP, on your own machine.')
  .version(CURSORCORE_VERSION)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : usageError))
  .configureHelp({ showGlobalOptions: true })
  .addHelpText('after', '\nAn editor starts `cursorcore-lsp --stdio`; `cursorcore-lsp help serve` has its options.');

interface ServeCommand {
  readonly stdio?: true;
  readonly socket?: number;
  readonly pipe?: string;
  readonly logFile?: string;
  readonly completions?: string | true;
  readonly engine?: string;
  readonly model?: string;
}

/** Each command is loaded when it runs: an editor that starts the server waits for nothing else. */
program
  .command('serve', { isDefault: true })
  .description('serve LSP; the default when an editor starts it')
  .option('--stdio', 'speak over standard input and output (the default)')
  .addOption(new Option('--socket <port>', 'connect to this local TCP port').argParser(port).conflicts('stdio'))
  .addOption(new Option('--pipe <name>', 'connect to this socket or named pipe').conflicts(['stdio', 'socket']))
  .option('--log-file <file>', 'append what the server does to this file, without the text of documents')
  .option(
    '--completions [address]',
    "answer the prompts of next-edit models at http://127.0.0.1:7079/v1/completions, or at this PORT or HOST:PORT, for Zed's edit predictions; with --stdio, --socket or --pipe beside LSP, else alone",
  )
  .option('--engine <name>', 'the engine for --completions alone, as the setting `engine` names it')
  .option('--model <name>', 'the model for --completions alone, as the setting `model.name` names it')
  .addOption(new Option('--clientProcessId <pid>').hideHelp())
  .action(async (options: ServeCommand, command: Command) => {
    const { stdio, socket, pipe, logFile, completions, engine, model } = options;
    if (completions !== undefined && !stdio && socket === undefined && pipe === undefined) {
      const { serveCompletions } = await import('./commands/serveCompletions.ts');
      const alone = { completions, ...defined({ engine, model, logFile }) };
      return end(command, serveCompletions(alone));
    }
    // Someone at a keyboard speaks no LSP.
    if (!stdio && socket === undefined && pipe === undefined && process.stdin.isTTY) program.help();
    let transport: Transport = { kind: 'stdio' };
    if (socket !== undefined) transport = { kind: 'socket', port: socket };
    if (pipe !== undefined) transport = { kind: 'pipe', name: pipe };
    const { serve } = await import('./commands/serve.ts');
    const beside = completions === undefined ? undefined : await besideLsp(completions);
    const served = serve({ transport, version: CURSORCORE_VERSION, ...defined({ logFile, completions: beside }) });
    process.exit(await served.catch(fail));
  });

program
  .command('demo')
  .description('replay an editing session against the real server, and show what it predicts')
  .option('--session <name>', 'the session to replay; all of them without it')
  .option('--list', 'list the sessions')
  .option('--json', 'print JSON')
  .action(async (options, command: Command) => end(command, (await import('./commands/demo.ts')).demo(options)));

program
  .command('predict')
  .description('predict the next edits of one file')
  .argument('<file>', 'the file as it is now')
  .option(
    '--history <files>',
    'earlier versions of it, oldest first, separated by commas or each with its own --history',
    list,
  )
  .option('--cursor <line:column>', 'where the cursor is, both counted from 1; a column counts characters (UTF-16)')
  .option('--instruction <text>', 'what to do, in words, for an engine that takes instructions')
  .option('--engine <name>', 'the engine, as the setting `engine` names it')
  .option('--model <name>', 'the model, as the setting `model.name` names it')
  .option('--setting <name=value>', 'a setting, as often as needed, e.g. remote.url=http://127.0.0.1:8080', each)
  .option('--explain', 'also print all that the engine thought of, or its prompt and answer, with its reasons')
  .option('--json', 'print JSON')
  .action(async (file: string, options, command: Command) =>
    end(command, (await import('./commands/predict.ts')).predict(file, options)),
  );

const evaluation = program.command('eval').description('measure how well the next edit is predicted');

evaluation
  .command('next-edit')
  .description('run next-edit cases and report precision, recall, silence, what is kept or taken back, and latency')
  .argument('[cases]', 'cases, one JSON object a line, may be gzipped')
  .option('--from-git <repository>', 'cut the cases from the history of this git repository instead')
  .option('--seed <number>', 'which of its commits: the same seed draws the same', '1')
  .option('--engine <name>', 'the engine, as the setting `engine` names it')
  .option('--model <name>', 'the model, as the setting `model.name` names it')
  .option('--setting <name=value>', 'a setting, as often as needed, e.g. remote.url=http://127.0.0.1:8080', each)
  .option('--threshold <confidence>', 'the least confidence that counts, 0 to 1; by default the setting of each engine')
  .option('--curve', 'also report precision and recall at every threshold')
  .option('--limit <count>', 'run at most this many cases; of a repository 200 without it')
  .option('--json', 'print JSON')
  .action(async (cases: string | undefined, options, command: Command) =>
    end(command, (await import('./commands/eval.ts')).evalNextEdit(cases, options)),
  );

evaluation
  .command('everyday')
  .description('play everyday edits over the real server and report how often the next one was offered')
  .argument('<cases>', 'a .cases file, a folder of them, or a .jsonl file')
  .option('--only <name>', 'only the cases of this kind or language, or whose id begins so')
  .option('--typing', 'also ask after every key, and count what is shown')
  .option('--engine <name>', 'the engine that answers: pattern, model, remote or auto; pattern, or auto with --model')
  .option('--model <name>', 'the model, as the setting `model.name` names it')
  .option('--setting <name=value>', 'a setting, as often as needed, e.g. model.debounceMs=0', each)
  .option('--jobs <count>', 'how many servers run at the same time', '2')
  .option('--json', 'print JSON')
  .action(async (cases: string, options, command: Command) =>
    end(command, (await import('./commands/evalEveryday.ts')).evalEveryday(cases, options)),
  );

evaluation
  .command('apeval')
  .description("run the paper's benchmark, APEval, on a model or engine and report Pass@1 beside the paper's")
  .argument('[dataset]', 'apeval.json of the CursorCore repository')
  .option('--problems <file>', "HumanEval's tasks and tests, HumanEval.jsonl.gz")
  .option('--evalplus <file>', "EvalPlus's inputs, HumanEvalPlus.jsonl.gz: also counts what passes these")
  .option('--model <name>', 'the model, as the setting `model.name` names it')
  .option('--engine <name>', 'another engine, as the setting `engine` names it')
  .option('--setting <name=value>', 'for --engine remote, as often as needed: remote.url=http://127.0.0.1:8080', each)
  .option('--mode <mode>', "paper (the authors' prompt, the whole answer), user (as editors are served), or both")
  .option('--format <name>', "the format of the paper's prompts; by default the one that the model was made for")
  .option('--target-area', "mark cursor and selection in the paper's prompts")
  .option('--window <count>', "show only so many of the last snapshots in the paper's prompts")
  .option('--max-tokens <count>', "of an answer to the paper's prompts; as the authors 3072")
  .option('--types <types>', 'only tasks of these types, as in "C H,C C,U H,C,U"')
  .option('--limit <count>', 'at most so many tasks, drawn evenly of each type')
  .option('--seed <number>', 'which of them: the same seed draws the same', '1')
  .option('--jobs <count>', 'how many tasks are in work at the same time', '2')
  .option('--run <folder>', 'where the run is kept, and goes on if it was begun; by default in apeval-runs')
  .option('--compare <runs...>', 'put two runs side by side instead')
  .option('--check', 'test the tests instead: known solutions, right and wrong')
  .option('--json', 'print JSON')
  .action(async (dataset: string | undefined, options, command: Command) =>
    end(command, (await import('./commands/evalApeval.ts')).evalApeval(dataset, options)),
  );

evaluation
  .command('peer')
  .description('run the public evaluation of cursortab.nvim by its own rule, live or on its recorded answers')
  .argument('<cases>', 'its cases, one JSON object a line, may be gzipped')
  .option('--engine <name>', 'the engine, as the setting `engine` names it')
  .option('--model <name>', 'the model, as the setting `model.name` names it')
  .option('--recorded', 'judge what models answered when the cases were recorded')
  .option('--limit <count>', 'run at most this many cases')
  .option('--verbose', 'also print what came of each case')
  .option('--json', 'print JSON')
  .action(async (cases: string, options, command: Command) =>
    end(command, (await import('./commands/evalPeer.ts')).evalPeer(cases, options)),
  );

program
  .command('doctor')
  .description('tell whether models can run here, on what and how fast, and what to do where they cannot')
  .argument(
    '[name]',
    'the model to try, as `model list` names it, or the path of its folder; without it the one that the server takes',
  )
  .option('--device <device>', 'where to try it: auto, cpu or cuda', 'auto')
  .option('--setting <name=value>', 'a setting, as often as needed, e.g. remote.url=http://127.0.0.1:8080', each)
  .option('--json', 'print JSON')
  .action(async (name: string | undefined, options, command: Command) =>
    end(command, (await import('./commands/doctor.ts')).doctor(name, options)),
  );

addModelCommands(program, end);
addDataCommands(program, end);
addRecordCommands(program, end);

program
  .command('client-path')
  .description("print the folder of an editor's plugin")
  .argument('<editor>', 'the editor')
  .action(async (editor: string, _options, command: Command) =>
    end(command, (await import('./commands/clientPath.ts')).clientPath(editor)),
  );

/** Where completions are served beside LSP. A token that nobody knows is of no use there. */
async function besideLsp(completions: string | true): Promise<CompletionOptions | undefined> {
  const { completionOptions } = await import('./commands/serveCompletions.ts');
  try {
    const options = completionOptions(completions);
    if (!options.isNew) return options;
    failure('serve', '--completions beside LSP needs a token in the environment: set CURSORCORE_COMPLETIONS_TOKEN');
  } catch (error) {
    failure('serve', error instanceof Error ? error.message : String(error));
  }
  return undefined;
}

/** Without the members that are undefined. */
function defined<T extends Record<string, unknown>>(members: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const entries = Object.entries(members).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: NonNullable<T[K]> };
}

/** Lets a command's output drain and ends with its exit code. */
async function end(command: Command, running: Promise<number> | number): Promise<void> {
  // A reader that has seen enough (`| head`) closes the pipe; that is no failure, and there is nobody left to print to.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : fail(error)));
  const code = await Promise.resolve(running).catch(fail);
  if (code === usageError) process.stderr.write(`${helpHint(command)}\n`);
  process.exitCode = code;
}

/** A failure that no command foresaw, in one sentence. */
function fail(error: unknown): number {
  return failure('', error instanceof Error ? error.message : String(error));
}

function port(value: string): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < 1 || number > 65_535) throw new InvalidArgumentError('A port is 1 to 65535.');
  return number;
}

/** The items of `value` after those of the same option given before. */
function list(value: string, before: readonly string[] = []): string[] {
  return [...before, ...value.split(',').filter((item) => item !== '')];
}

/** The values of an option that is given several times. */
function each(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

/** Where a command's own help is, for someone who got its usage wrong. */
function helpHint(command: Command): string {
  if (!command.parent) return '(cursorcore-lsp --help lists the commands and options)';
  const names: string[] = [];
  for (let outer: Command | null = command.parent; outer; outer = outer.parent) names.unshift(outer.name());
  return `(${names.join(' ')} help ${command.name()} shows how to use it)`;
}

function hintInErrors(command: Command): void {
  command.showHelpAfterError(helpHint(command));
  for (const sub of command.commands) hintInErrors(sub);
}

hintInErrors(program);
const [first, second] = process.argv.slice(2);
const named = first === 'help' ? second : first;
const commands = [...program.commands.map((command) => command.name()), 'help'];
if (named !== undefined && !named.startsWith('-') && !commands.includes(named)) {
  program.error(`error: unknown command '${named}'`);
}
await program.parseAsync();
