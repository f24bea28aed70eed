// What signals lead to, without sending any: the handlers are called as Node would.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { hookSignals } from '../../src/cli/signals.ts';

function hook(context: TestContext): { calls: string[]; setTime(ms: number): void } {
  const calls: string[] = [];
  let now = 1000;
  context.mock.method(process, 'uptime', () => now / 1000);
  context.mock.method(process, 'exit', (code: number) => void calls.push(`exit ${code}`));
  const unhook = hookSignals({
    stop: (signal) => void calls.push(`stop ${signal}`),
    reload: () => void calls.push('reload'),
    report: () => void calls.push('report'),
  });
  context.after(unhook);
  return {
    calls,
    setTime: (ms) => {
      now = ms;
    },
  };
}

test('the first signal drains, its echo does nothing, a second one quits', (context) => {
  const { calls, setTime } = hook(context);
  process.emit('SIGINT');
  process.emit('SIGINT');
  setTime(1200);
  process.emit('SIGTERM');
  assert.deepEqual(calls, ['stop SIGINT']);
  setTime(1201);
  process.emit('SIGTERM');
  process.emit('SIGINT');
  assert.deepEqual(calls, ['stop SIGINT', 'exit 143', 'exit 130']);
});

test('SIGHUP and SIGUSR1 may come any number of times, also while draining', (context) => {
  const { calls } = hook(context);
  for (const signal of ['SIGHUP', 'SIGUSR1', 'SIGTERM', 'SIGHUP', 'SIGUSR1'] as const) process.emit(signal);
  assert.deepEqual(calls, ['reload', 'report', 'stop SIGTERM', 'reload', 'report']);
});

test('handlers are taken away again', () => {
  const before = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1'].map((signal) => process.listenerCount(signal));
  hookSignals({ stop: () => {}, reload: () => {}, report: () => {} })();
  assert.deepEqual(
    ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1'].map((signal) => process.listenerCount(signal)),
    before,
  );
});
