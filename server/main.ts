#!/usr/bin/env node
import { serve } from './commands/serve.ts';

declare const CURSORCORE_VERSION: string;

process.exit(await serve({ transport: { kind: 'stdio' }, version: CURSORCORE_VERSION }));
