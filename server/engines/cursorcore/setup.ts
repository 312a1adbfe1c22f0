import type { PromptFormatName } from '../../../shared/conversation/formats.ts';
import type { HostSetup } from '../../model-host/protocol.ts';

/** All that the engine needs to know of the model and the settings; a plain value, for the thread that it runs on. */
export interface CursorCoreSetup {
  readonly engine: 'cursorcore';
  readonly host: HostSetup;
  readonly promptFormat: PromptFormatName;
  /** Tokens of prompt and answer together. */
  readonly contextLength: number;
  /** As `CursorCoreEngineOptions` has them. */
  readonly maxPromptTokens: number;
  readonly maxNewTokens: number;
  readonly minConfidence: number;
}
