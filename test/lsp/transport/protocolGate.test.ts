import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProtocolGate } from '../../../server/lsp/transport/protocolGate.ts';

const request = (method: string, id: unknown = 1, params: unknown = {}) => ({ jsonrpc: '2.0', id, method, params });
const notification = (method: string, params: unknown = {}) => ({ jsonrpc: '2.0', method, params });

function running(): ProtocolGate {
  const gate = new ProtocolGate();
  expect(gate.check(request('initialize')).pass).toBe(true);
  return gate;
}

describe('ProtocolGate', () => {
  it.each([
    ['a request before initialize', new ProtocolGate(), request('textDocument/codeAction'), -32002],
    ['a second initialize', running(), request('initialize', 2), -32600],
    ['a list of messages', running(), [request('shutdown')], -32600],
    ['a value that is no message', running(), 7, -32600],
    ['an old protocol', running(), { id: 1, method: 'shutdown' }, -32600],
    ['a method that is no string', running(), { jsonrpc: '2.0', id: 1, method: 5 }, -32600],
    ['an id that is neither number nor string', running(), request('shutdown', {}), -32600],
    ['parameters by position', running(), request('workspace/executeCommand', 1, ['x']), -32602],
    ['parameters that are no object', running(), request('workspace/executeCommand', 1, 'x'), -32602],
  ])('answers %s with an error', (_, gate, message, code) => {
    expect(gate.check(message)).toMatchObject({ pass: false, reply: { error: { code } } });
  });

  it.each([
    ['a notification before initialize', new ProtocolGate(), notification('textDocument/didOpen')],
    ['a notification with parameters by position', running(), notification('textDocument/didOpen', [1])],
    ['a cancellation of nothing', running(), notification('$/cancelRequest', {})],
    ['progress without a token', running(), notification('$/progress', null)],
    ['an answer to a request that is not ours', running(), { jsonrpc: '2.0', id: 'x', result: 1 }],
  ])('drops %s', (_, gate, message) => {
    const verdict = gate.check(message);
    expect(verdict.pass).toBe(false);
    expect(verdict).not.toHaveProperty('reply');
  });

  it.each([
    ['a request', request('textDocument/codeAction', 'a')],
    ['a request without parameters', { jsonrpc: '2.0', id: 1, method: 'shutdown' }],
    ['a request with an empty list of parameters', request('shutdown', 1, [null])],
    ['a notification', notification('textDocument/didOpen')],
    ['an answer', { jsonrpc: '2.0', id: 0, result: null }],
    ['an error', { jsonrpc: '2.0', id: 0, error: { code: 1, message: '' } }],
    ['exit', { jsonrpc: '2.0', method: 'exit' }],
  ])('lets %s through while the server runs', (_, message) => {
    expect(running().check(message)).toEqual({ pass: true });
  });

  it.each([
    ['with neither result nor error', {}, { error: { code: -32001, message: 'the response is malformed' } }],
    ['with both', { result: null, error: { code: 1, message: 'no' } }, { error: { code: 1, message: 'no' } }],
    ['whose error is no object', { error: 'no' }, { error: { code: -32001, message: 'the response is malformed' } }],
    ['whose error is null beside a result', { result: 0, error: null }, { result: 0 }],
    [
      'whose error has data',
      { error: { code: 1, message: 'no', data: 2 } },
      { error: { code: 1, message: 'no', data: 2 } },
    ],
  ])('mends an answer %s', (_, sent, mended) => {
    const message = { jsonrpc: '2.0', id: '7', ...sent };
    expect(running().check(message)).toEqual({ pass: true });
    expect(message).toEqual({ jsonrpc: '2.0', id: 7, ...mended });
  });

  it('refuses everything but exit once shut down', () => {
    const gate = running();
    gate.check(request('shutdown'));
    expect(gate.shutDown).toBe(true);
    expect(gate.check(request('textDocument/codeAction'))).toMatchObject({ reply: { error: { code: -32600 } } });
    expect(gate.check(request('initialize')).pass).toBe(false);
    expect(gate.check(notification('textDocument/didOpen')).pass).toBe(false);
    expect(gate.check(notification('exit')).pass).toBe(true);
  });

  it('has a verdict on any value', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), (values) => {
        const gate = running();
        for (const value of values) {
          const dressed = typeof value === 'object' && value !== null ? { jsonrpc: '2.0', ...value } : value;
          expect([true, false]).toContain(gate.check(dressed).pass);
        }
      }),
    );
  });
});
