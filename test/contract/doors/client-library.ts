/** The client library over the real Sage, by WebSocket and by TCP. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { connect, ComputationError, type Output, type Sage } from '../../../components/client/node/index.js';
import type { RelayUnderTest } from '../../support/relay.js';

/** @param relay one that computes and has a TCP door, once the tests run */
export function testClientLibrary(relay: () => RelayUnderTest): void {
  describe.each(['http', 'tcp'])('the client library by %s', (kind) => {
    const open = (): Sage => {
      const sage = connect(kind === 'tcp' ? relay().tcpUrl! : relay().url);
      onTestFinished(() => {
        sage.close();
      });
      return sage;
    };

    test('runs code and tells its output piece by piece, and its end', async () => {
      const execution = open().execute('for i in range(3):\n    print(i, flush=True)\nfactor(91)');
      const outputs: Output[] = [];
      for await (const output of execution) outputs.push(output);
      const streamed = outputs.flatMap((output) => (output.kind === 'stream' ? [output.text] : []));
      expect(streamed.join('')).toBe('0\n1\n2\n');
      expect(outputs.at(-1)).toMatchObject({ kind: 'display', data: { 'text/plain': '7 * 13' } });
      expect(await execution.done).toMatchObject({ status: 'ok', cached: false });
      // It can be had again, in full, afterwards.
      const again: Output[] = [];
      for await (const output of execution) again.push(output);
      expect(again).toEqual(outputs);
      expect(await execution.text()).toBe('0\n1\n2\n7 * 13\n');
    });

    test('keeps variables in sessions, apart from each other', async () => {
      const sage = open();
      const [one, two] = [sage.session('one'), sage.session('two')];
      await Promise.all([one.execute('a = 1').done, two.execute('a = 2').done]);
      expect(await Promise.all([one.execute('a').text(), two.execute('a').text()])).toEqual(['1\n', '2\n']);
      expect((await one.complete('a.fact')).items.map(({ text }) => text)).toContain('factor');
      expect(await two.inspect('factor')).toMatchObject({ found: true });
      one.close();
      await expect(one.execute('a').text()).rejects.toThrow('NameError');
    });

    test('tells what the code raised as an error of its own', async () => {
      const failure = await open()
        .execute('1/0')
        .text()
        .catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(ComputationError);
      expect(failure).toMatchObject({
        message: 'ZeroDivisionError: rational division by zero',
        result: { status: 'error' },
        raised: { line: 1 },
      });
    });

    test('answers, interrupts and tells states', async () => {
      const sage = open();
      const asking = sage.execute('print("hello " + input("who? "))');
      asking.on('output', (output) => {
        if (output.kind === 'prompt') asking.answer('Ada');
      });
      expect(await asking.text()).toBe('hello Ada\n');
      // What ends at once, or was computed before, is told to have ended and nothing before that; so it reads the clock.
      const slow = sage.execute('import time\ntime.sleep(1)\nprint(time.time() > 0)');
      const states: string[] = [];
      slow.on('status', (state) => states.push(state));
      await slow.done;
      expect(states).toContain('running');
      const endless = sage.execute('print("begun", flush=True)\nwhile True: pass');
      for await (const output of endless) if (output.kind === 'stream') endless.interrupt();
      expect(await endless.done).toMatchObject({ status: 'interrupted' });
    });

    test('ends what runs when it is closed', async () => {
      const sage = open();
      const endless = sage.execute('while True: pass');
      sage.close();
      expect(await endless.done).toMatchObject({ status: 'lost' });
    });
  });

  test('the client library tells within its patience that nobody answers', async () => {
    for (const server of ['tcp://127.0.0.1:1', 'http://127.0.0.1:1']) {
      const sage = connect(server, { unreachableMs: 300 });
      expect(await sage.execute('1').done).toMatchObject({ status: 'lost', error: { code: 'unavailable' } });
      sage.close();
    }
  });
}
