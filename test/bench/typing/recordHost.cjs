// Loaded into the processes of a server under measurement (NODE_OPTIONS, by ourSession.ts). In the one that runs the model it
// writes down each message that passes between it and the server, with the time in milliseconds since 1970, one JSON
// object a line. So the very prompts, and what became of them, are known of any build, whatever it logs.
const { openSync, writeSync } = require('node:fs');

const file = process.env.CURSORCORE_BENCH_RECORD;
if (file && process.send && /modelHost\.js$/.test(process.argv[1] ?? '')) {
  const descriptor = openSync(file, 'a');
  const write = (direction, message) => {
    const atMs = performance.timeOrigin + performance.now();
    writeSync(descriptor, `${JSON.stringify({ atMs, direction, message })}\n`);
  };
  // Not a listener: the first one gets what has been sent already, and the host would not.
  const { emit, send } = process;
  process.emit = (event, ...rest) => {
    if (event === 'message') write('in', rest[0]);
    return emit.call(process, event, ...rest);
  };
  process.send = (message, ...rest) => {
    write('out', message);
    return send.call(process, message, ...rest);
  };
}
