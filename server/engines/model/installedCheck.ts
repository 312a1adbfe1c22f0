import { stat } from 'node:fs/promises';
import path from 'node:path';
import { readManifest } from '../../models/store/manifestFile.ts';
import { changedFiles } from '../../models/store/verify.ts';

export interface InstalledCheckEvents {
  readonly log: (message: string) => void;
  /** For the user. */
  readonly notify: (message: string) => void;
}

/**
 * Whether a model's files are still as installed: a disk, or another program, may have changed bytes so that a model
 * still runs but answers rubbish. All files are hashed once, after the first answer, when nobody waits for
 * anything, and again after a load that found them modified.
 */
export class InstalledCheck {
  readonly #folder: string;
  readonly #events: InstalledCheckEvents;
  #due = false;
  #running: Promise<void> = Promise.resolve();
  /** The files' metadata when they were last read. */
  #checked = '';

  constructor(folder: string, events: InstalledCheckEvents) {
    this.#folder = folder;
    this.#events = events;
  }

  loaded(): void {
    this.#due = true;
  }

  /** Starts the check that is due after a load; does not wait for it, and never throws. */
  answered(): void {
    if (!this.#due) return;
    this.#due = false;
    const run = this.#running.then(() => this.#check());
    this.#running = run.catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      this.#events.log(`model: the model's files were not checked: ${why}`);
    });
  }

  async #check(): Promise<void> {
    const manifest = await readManifest(this.#folder, path.basename(this.#folder));
    const seen: unknown[] = [];
    for (const { name, sha256 } of manifest.files) {
      const { size, mtimeMs, ctimeMs, ino } = await stat(path.join(this.#folder, name));
      seen.push([name, sha256, size, mtimeMs, ctimeMs, ino]);
    }
    const looks = JSON.stringify(seen);
    if (looks === this.#checked) return;
    const begun = performance.now();
    const changed = await changedFiles(this.#folder, manifest);
    this.#checked = looks;
    const ms = (performance.now() - begun).toFixed(0);
    this.#events.log(
      `model: ${manifest.files.length} files of the model checked in ${ms} ms, ${changed.length} changed`,
    );
    if (changed.length === 0) return;
    this.#events.notify(
      `The model ${manifest.name} is damaged: ${changed.join(', ')} ${changed.length === 1 ? 'is' : 'are'} not what was installed. Import or pull it again with --force.`,
    );
  }
}
