#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { serve, type Transport } from './commands/serve.ts';

declare const CURSORCORE_VERSION: string;

const { values } = parseArgs({
  options: {
    stdio: { type: 'boolean' },
    socket: { type: 'string' },
    pipe: { type: 'string' },
    'log-file': { type: 'string' },
  },
});

const transport: Transport = values.socket
  ? { kind: 'socket', port: Number(values.socket) }
  : values.pipe
    ? { kind: 'pipe', name: values.pipe }
    : { kind: 'stdio' };

const logFile = values['log-file'];
process.exit(await serve({ transport, version: CURSORCORE_VERSION, ...(logFile ? { logFile } : {}) }));
