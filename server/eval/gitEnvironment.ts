/**
 * What git is told whatever a repository says: nobody is asked, nothing is signed or fetched (a clone without all its blobs
 * would ask for them one by one), and no program of the repository's own is run.
 */
export const gitOptions: readonly string[] = [
  ['-c', 'log.showSignature=false'],
  ['-c', 'core.fsmonitor=false'],
  ['-c', 'core.hooksPath=/dev/null'],
  ['-c', 'core.quotePath=false'],
].flat();

const settings = {
  GIT_ALLOW_PROTOCOL: 'none',
  GIT_NO_LAZY_FETCH: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_NO_REPLACE_OBJECTS: '1',
  LC_ALL: 'C',
};

/** What an editor or a hook may have set, and would mean another repository. */
const foreign = [
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_OBJECT_DIRECTORY',
  'GIT_COMMON_DIR',
  'GIT_NAMESPACE',
];

export function gitEnvironment(): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = { ...process.env, ...settings };
  for (const name of foreign) delete environment[name];
  return environment;
}
