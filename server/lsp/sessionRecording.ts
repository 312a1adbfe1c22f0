import { MessageType } from 'vscode-languageserver';
import { errorText } from '../../shared/errors.ts';
import type { RecordedEdit } from '../history/incoming.ts';
import { type RecordedDocument, Recorder } from '../record/recorder.ts';
import { recordFolder } from '../record/recordFolder.ts';
import type { Configuration } from './configuration.ts';
import type { LanguageServer } from './server.ts';

const megabyte = 1024 * 1024;

/** Tells a recorder what happens, while `record.enable` is on; else there is none, and no file is touched. */
export class SessionRecording {
  readonly #server: LanguageServer;
  readonly #configuration: Configuration;
  /** The document as engines may see it; undefined where it is not followed. */
  readonly #document: (uri: string) => RecordedDocument | undefined;
  readonly #followed = new Set<string>();
  #recorder: Recorder | undefined;

  constructor(
    server: LanguageServer,
    configuration: Configuration,
    document: (uri: string) => RecordedDocument | undefined,
  ) {
    this.#server = server;
    this.#configuration = configuration;
    this.#document = document;
    configuration.onChange((settings, previous) => {
      const names = ['record.enable', 'record.maxMegabytes'] as const;
      if (names.some((name) => settings[name] !== previous[name])) this.#restart();
    });
    server.onInitialized(() => this.#say());
    server.onShutdown(() => this.#recorder?.flush());
  }

  get recorder(): Recorder | undefined {
    return this.#recorder;
  }

  opened(uri: string): void {
    this.#followed.add(uri);
    const document = this.#document(uri);
    if (document) this.#recorder?.opened(uri, document);
  }

  /** Called when the history knows of the edits. */
  changed(uri: string, edits: readonly RecordedEdit[]): void {
    if (!this.#recorder) return;
    const document = this.#document(uri);
    if (document) this.#recorder.changed(uri, edits, document);
  }

  closed(uri: string): void {
    this.#followed.delete(uri);
    this.#recorder?.closed(uri);
  }

  forgotten(uri: string): void {
    this.#followed.delete(uri);
    this.#recorder?.forgotten(uri);
  }

  #restart(): void {
    void this.#recorder?.flush();
    this.#recorder = undefined;
    const { settings } = this.#configuration;
    if (!settings['record.enable']) return;
    this.#recorder = new Recorder({
      folder: recordFolder(),
      maxBytes: settings['record.maxMegabytes'] * megabyte,
      now: Date.now,
      onFailure: (error) => {
        this.#server.log.error(`recording: ${errorText(error)}`);
        this.#server.warnOnce(`Recording has ended, because ${recordFolder()} cannot be written.`, 'recording');
      },
    });
    for (const uri of this.#followed) this.opened(uri);
    this.#say();
  }

  #say(): void {
    if (!this.#recorder) return;
    const place = recordFolder();
    this.#server.log.info(`records into ${place}`);
    this.#server.showMessage(
      MessageType.Info,
      `cursorcore-lsp records your edits and what becomes of its predictions in ${place}, and sends them nowhere. record.enable turns that off; \`cursorcore-lsp record clear\` removes it.`,
    );
  }
}
