import { type Command, Option } from 'commander';

type End = (command: Command, running: Promise<number> | number) => Promise<void>;

/** Adds `data` and its subcommands to the program; each is loaded when it runs. */
export function addDataCommands(program: Command, end: End): void {
  const data = program
    .command('data')
    .description('make training data of edit histories')
    .addHelpText(
      'after',
      '\nFiles hold one JSON object a line. A command that was killed goes on where it stopped when it is run again.\ndocs/data.md has the schema and what each step does.',
    );
  const collect = data.command('collect').description('collect programming processes');
  output(
    collect
      .command('git')
      .description('take commits of git repositories: what one file was, what it became, and what the commit says')
      .argument('<repo...>', 'a repository, or PATH=NAME to say what it is called in the records'),
  )
    .option('--licence <licences>', 'permissive, any, or SPDX identifiers separated by commas', 'permissive')
    .option('--max-size <characters>', 'the longest file', '24000')
    .option('--max-changed-lines <count>', 'the most lines taken out and put in', '120')
    .option('--max-files <count>', 'the most files of code that a commit changes', '1')
    .option('--max-per-file <count>', 'the most commits of one file', '20')
    .option('--max-per-repo <count>', 'the most commits of one repository', '5000')
    .option('--any-message', 'also take commits whose message would be no instruction, without it')
    .action(async (repos: string[], options, command: Command) =>
      end(command, (await import('./dataCollect.ts')).collectGitCommand(repos, options)),
    );
  output(
    collect
      .command('judge')
      .description(
        "take submissions to an online judge, laid out as CodeNet's: a user's, up to the first that was accepted",
      )
      .argument('<folder>', 'the folder that has metadata/ and data/'),
  )
    .option('--licence <licence>', 'the licence of the submissions, for the records', 'unknown')
    .option('--max-size <characters>', 'the longest submission', '24000')
    .option('--max-per-problem <count>', 'the most users of one problem', '50')
    .option('--max-per-language <count>', 'the most of them in one language', '10')
    .action(async (folder: string, options, command: Command) =>
      end(command, (await import('./dataCollect.ts')).collectJudgeCommand(folder, options)),
    );
  output(
    collect
      .command('programmer')
      .description('have an LLM retell how a novice, an intermediate and an expert would have come to these files')
      .argument('<files...>', 'files of code, or folders of them'),
  )
    .option('--llm <model>', 'the LLM: an installed model, or one of a server')
    .option('--llm-url <url>', 'an OpenAI-compatible server; the code is sent there ($CURSORCORE_LLM_KEY)')
    .option('--levels <levels>', 'who is told of', 'novice,intermediate,expert')
    .option('--licence <licence>', 'the licence of the code, for the records', 'unknown')
    .option('--max-size <characters>', 'the longest file', '6000')
    .action(async (files: string[], options, command: Command) =>
      end(command, (await import('./dataCollect.ts')).collectProgrammerCommand(files, options)),
    );
  output(
    collect
      .command('sessions')
      .description('take the processes of what `record export` wrote')
      .argument('<files...>', 'what `record export` wrote'),
  )
    .option('--licence <licence>', 'the licence of the code, for the records', 'unknown')
    .action(async (files: string[], options, command: Command) =>
      end(command, (await import('./dataCollect.ts')).collectSessionsCommand(files, options)),
    );
  output(
    data
      .command('process')
      .description('make samples of processes: a moment, what came before, and what should come next')
      .argument('<files...>', 'what `collect` wrote'),
  )
    .option('--seed <seed>', 'what chance depends on: the same seed makes the same samples', '0')
    .option(
      '--benchmark <files>',
      'evaluation sets that must not be in the data: .json, .jsonl, .cases or a folder of these',
      list,
    )
    .option('--per-process <count>', 'the most samples of one process', '1')
    .option('--max-history <count>', 'the most earlier texts of a sample', '16')
    .option('--silence <share>', 'how many moments at which nothing is in line become samples, 0 to 1', '0.2')
    .option('--llm <model>', 'let an installed model judge, instruct and explain; rules do without it')
    .option(
      '--llm-url <url>',
      'ask that model of an OpenAI-compatible server; the code is sent there ($CURSORCORE_LLM_KEY)',
    )
    .action(async (files: string[], options, command: Command) =>
      end(command, (await import('./dataProcess.ts')).processCommand(files, options)),
    );
  output(
    data
      .command('cases')
      .description('make samples of cases of `eval next-edit`, such as simulated editing')
      .argument('<files...>', 'cases: .jsonl, or .jsonl.gz'),
  )
    .option('--per-set <count>', 'the most cases of one set that are taken of a file', '20')
    .option('--silence <share>', 'how many of the cases in which nothing remains become samples, 0 to 1', '1')
    .option('--judged', 'of what remains, want that alone which what was done points to')
    .option('--typed <share>', 'for how many cases there is a second sample, its last change half typed, 0 to 1', '0')
    .option('--elsewhere <share>', 'for how many there is one in which the changes were made in another document', '0')
    .option('--seed <seed>', 'what chance depends on: the same seed takes the same cases', '0')
    .option('--licence <licence>', 'the licence of the code, for the records', 'unknown')
    .action(async (files: string[], options, command: Command) =>
      end(command, (await import('./dataCases.ts')).casesCommand(files, options)),
    );
  output(
    data
      .command('export')
      .description('write training examples: the prompts of a format as they are served, and the answers wanted')
      .argument(
        '<files...>',
        'what `process` or `cases` wrote, or `record export`, of whose preferences come two answers',
      ),
  )
    .addOption(new Option('--format <format>', 'the prompt format').makeOptionMandatory())
    .option('--model <name>', "count tokens with an installed model's tokenizer; without it roughly")
    .option('--max-prompt-tokens <count>', 'as the setting model.maxPromptTokens', '6144')
    .option('--max-new-tokens <count>', 'as the setting model.maxNewTokens', '2048')
    .option('--context-length <count>', 'tokens of prompt and answer together', '16384')
    .action(async (files: string[], options, command: Command) =>
      end(command, (await import('./dataExport.ts')).exportCommand(files, options)),
    );
  data
    .command('stats')
    .description('show how much of what is in a file of records, as tables and plots')
    .argument('<file>', 'what one of the other commands wrote')
    .option('--svg <file>', 'also draw the plots into this file')
    .option('--json', 'print JSON')
    .action(async (file: string, options, command: Command) =>
      end(command, (await import('./dataShow.ts')).statsCommand(file, options)),
    );
  data
    .command('inspect')
    .description('show records as a person would read them')
    .argument('<file>', 'what one of the other commands wrote')
    .option('--at <number>', 'the first record to show, counted from 1', '1')
    .option('--count <count>', 'how many', '1')
    .option('--id <id>', 'only those whose id begins so')
    .action(async (file: string, options, command: Command) =>
      end(command, (await import('./dataShow.ts')).inspectCommand(file, options)),
    );
}

/** Adds `record` and its subcommands, which look after what `record.enable` has the server write down. */
export function addRecordCommands(program: Command, end: End): void {
  const record = program
    .command('record')
    .description('look after what the server has recorded, if record.enable is on')
    .addHelpText(
      'after',
      '\nRecordings lie on this machine, in $CURSORCORE_RECORD or the folder that `record status` says.',
    );
  record
    .command('status')
    .description('say what is recorded, and where')
    .option('--json', 'print JSON')
    .action(async (options, command: Command) => end(command, (await import('./record.ts')).recordStatus(options)));
  output(
    record
      .command('export')
      .description(
        'write what is recorded as processes, and as preferences between what was offered and what was made',
      ),
  )
    .option(
      '--outcomes <outcomes>',
      'the offers whose preferences are written: accepted, typed, rejected, undone, ignored',
      'accepted,typed,rejected,undone',
    )
    .action(async (options, command: Command) => end(command, (await import('./record.ts')).recordExport(options)));
  record
    .command('clear')
    .description('remove all that is recorded')
    .action(async (_options, command: Command) => end(command, (await import('./record.ts')).recordClear()));
}

/** What all commands have that write records. */
function output(command: Command): Command {
  return command
    .requiredOption('--out <file>', 'the file to write; one that a killed run left is gone on with')
    .option('--limit <count>', 'stop after so many records')
    .option('--restart', 'begin anew, whatever is in the file')
    .option('--json', 'print the counts as JSON');
}

/** The items of `value` after those of the same option given before. */
function list(value: string, before: readonly string[] = []): string[] {
  return [...before, ...value.split(',').filter((item) => item !== '')];
}
