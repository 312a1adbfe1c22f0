import type { Command } from 'commander';

type End = (command: Command, running: Promise<number> | number) => Promise<void>;

/** Adds `model` and its subcommands to the program; each is loaded when it runs. */
export function addModelCommands(program: Command, end: End): void {
  const model = program
    .command('model')
    .description('download, import and look after models')
    .addHelpText(
      'after',
      "\nModels are kept in the user's cache folder, or in $CURSORCORE_CACHE where that is set (see `model path`).",
    );
  model
    .command('pull')
    .description('download a model from the Hugging Face hub and install it; without a name, list the published ones')
    .argument('[model]', 'a short name, OWNER/NAME, or OWNER/NAME:FILE.gguf')
    .option('--revision <revision>', 'a branch, tag or commit; by default main')
    .option('--file <file>', 'the GGUF file to take, as OWNER/NAME:FILE.gguf does')
    .option('--name <name>', 'what to call it; by default the short name, or the last part of NAME')
    .option(
      '--precision <precision>',
      'fp32, fp16, int8 or int4; by default near to what a GGUF file holds, else int4, or fp16 for a GPU with room for it',
    )
    .option('--format <format>', 'the prompt format; by default it is told from the tokenizer and the name')
    .option(
      '--adapter <folder>',
      'merge a LoRA adapter, as peft saves it, into the weights; or the name of one that comes along: next-patch-0.5b',
    )
    .option('--force', 'replace an installed model of that name')
    .option('--yes', 'do not ask before downloading')
    .option('--keep-download', 'keep the downloaded files once the model is installed')
    .addHelpText(
      'after',
      '\nHF_ENDPOINT names another hub, HF_TOKEN gives access to gated models, HTTPS_PROXY and NO_PROXY are followed.\nA download that was broken off goes on where it stopped.',
    )
    .action(async (name: string | undefined, options, command: Command) =>
      end(command, (await import('./pull.ts')).pullCommand(name, options)),
    );
  model
    .command('import')
    .description('install a model that lies on this machine')
    .argument('<path>', 'a Hugging Face folder with safetensors, a GGUF file, or an ONNX decoder (its folder or file)')
    .option('--name <name>', 'what to call it; by default what the model calls itself')
    .option(
      '--precision <precision>',
      'fp32, fp16, int8 or int4; by default near to what a GGUF file holds, else int4, or fp16 for a GPU with room for it',
    )
    .option('--format <format>', 'the prompt format; by default it is told from the tokenizer and the name')
    .option(
      '--adapter <folder>',
      'merge a LoRA adapter, as peft saves it, into the weights; or the name of one that comes along: next-patch-0.5b',
    )
    .option('--force', 'replace an installed model of that name')
    .action(async (place: string, options, command: Command) =>
      end(command, (await import('./import.ts')).importCommand(place, options)),
    );
  model
    .command('list')
    .description('list the installed models')
    .option('--json', 'print JSON')
    .action(async (options, command: Command) => end(command, (await import('./list.ts')).listModels(options)));
  model
    .command('inspect')
    .description('show what an installed model is')
    .argument('<name>', 'the model, as `model list` names it')
    .option('--verify', 'check the content of every file against its checksum')
    .option('--json', 'print JSON')
    .action(async (name: string, options, command: Command) =>
      end(command, (await import('./inspect.ts')).inspectModel(name, options)),
    );
  model
    .command('remove')
    .description('remove an installed model')
    .argument('<name>', 'the model, as `model list` names it')
    .action(async (name: string, _options, command: Command) =>
      end(command, (await import('./remove.ts')).removeModel(name)),
    );
  model
    .command('run')
    .description('go on with a text greedily, to check a model')
    .argument('<name>', 'the model, as `model list` names it, or the path of its folder')
    .requiredOption('--prompt-file <file>', 'the text to go on with; `-` is standard input')
    .option('--max-tokens <count>', 'how many tokens at most', '128')
    .option('--device <device>', 'where to run: auto, cpu or cuda', 'auto')
    .option('--threads <count>', 'threads for the CPU; 0 takes one for each core', '0')
    .option('--json', 'print JSON, with the token ids')
    .action(async (name: string, options, command: Command) =>
      end(command, (await import('./run.ts')).runModel(name, options)),
    );
  model
    .command('path')
    .description("print a model's folder")
    .argument('[name]', 'the model; the folder of all of them without it')
    .action(async (name: string | undefined, _options, command: Command) =>
      end(command, (await import('./path.ts')).modelPath(name)),
    );
}
