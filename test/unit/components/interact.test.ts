import { describe, expect, it } from 'vitest';
import { Frames, QUICK_MS, type Press } from '../../../components/interact/frames.js';
import { withFrame, type RecordedOutput } from '../../../components/interact/recorded-output.js';
import { MAX_PRIVATE_SESSIONS, PrivateSessions } from '../../../components/run/private-sessions.js';
import { INTERACT_TYPE, type InteractId } from '../../../relay/protocol/index.js';
import { makeClient } from './memory-relay.js';

const text = (of: string, frame?: string): RecordedOutput => ({
  output: { kind: 'stream', name: 'stdout', text: of },
  frame: frame as InteractId | undefined,
});

const interact = (name: string, frame?: string): RecordedOutput => ({
  output: { kind: 'display', data: { [INTERACT_TYPE]: `{"interact": "${name}"}` }, result: false },
  frame: frame as InteractId | undefined,
});

describe('what a new frame leaves of a run’s output', () => {
  it('is everything but the frame before, with the interact as it is now', () => {
    const run = [text('a'), interact('i1'), text('old', 'i1'), text('z')];
    const after = withFrame(run, 'i1', '{"interact":"i1","now":1}', [text('new')]);
    expect(after).toEqual([
      text('a'),
      {
        ...interact('i1'),
        output: { ...interact('i1').output, data: { [INTERACT_TYPE]: '{"interact":"i1","now":1}' } },
      },
      text('new', 'i1'),
      text('z'),
    ]);
  });

  it('takes what was made within the frame before along, however deep', () => {
    const run = [
      interact('i1'),
      interact('i2', 'i1'),
      text('inner', 'i2'),
      interact('i3', 'i2'),
      text('innermost', 'i3'),
      interact('i9'),
      text('another', 'i9'),
    ];
    const after = withFrame(run, 'i1', '{"interact": "i1"}', [interact('i4'), text('of 4', 'i4')]);
    expect(after).toEqual([
      interact('i1'),
      interact('i4', 'i1'),
      text('of 4', 'i4'),
      interact('i9'),
      text('another', 'i9'),
    ]);
  });
});

describe('when frames are asked for', () => {
  const make = (): { frames: Frames; sent: (Press | undefined)[]; pass: (ms: number) => void } => {
    let now = 0;
    const sent: (Press | undefined)[] = [];
    const frames = new Frames(
      (press) => {
        sent.push(press);
        return true;
      },
      () => now,
    );
    return {
      frames,
      sent,
      pass: (ms) => {
        now += ms;
      },
    };
  };

  it('one at a time, and after it one more, however often it was asked', () => {
    const { frames, sent } = make();
    for (let i = 0; i < 5; i += 1) frames.want();
    expect(sent).toHaveLength(1);
    frames.ended();
    expect(sent).toHaveLength(2);
    frames.ended();
    expect(sent).toHaveLength(2);
  });

  it('on the way only while they are quick', () => {
    const { frames, sent, pass } = make();
    expect(frames.passing()).toBe(true);
    pass(QUICK_MS + 1);
    frames.ended();
    expect(frames.passing()).toBe(false);
    frames.want();
    expect(sent).toHaveLength(2);
    pass(10);
    frames.ended();
    expect(frames.passing()).toBe(true);
  });

  it('for every press of a button, and what changed besides goes with the last of them', () => {
    const { frames, sent } = make();
    for (const index of [0, 1, 1]) frames.press({ name: 'go', index });
    frames.want();
    for (let i = 0; i < 5; i += 1) frames.ended();
    expect(sent.map((press) => press?.index)).toEqual([0, 1, 1]);
  });

  it('not any more after it was cancelled', () => {
    const { frames, sent } = make();
    frames.want();
    frames.want();
    frames.cancel();
    frames.ended();
    expect(sent).toHaveLength(1);
    expect(frames.isActive).toBe(false);
  });
});

describe('sessions of cells that share none', () => {
  const place = (cell: string | undefined): Parameters<PrivateSessions['open']>[2] => ({
    server: 'http://relay.test/',
    session: undefined,
    key: undefined,
    cell,
  });

  it('are for code that seems to make an interact', () => {
    const { client } = makeClient();
    const privates = new PrivateSessions((of, _server, name) => of.session(name));
    const owner = {};
    for (const code of ['@interact\ndef f(): pass', '%interact\nx', 'dynamic("x")'])
      expect(privates.forRun(owner, client, place('a'), code)).toBeDefined();
    for (const code of ['1 + 1', 'interaction = 3'])
      expect(privates.forRun(owner, client, place('a'), code)).toBeUndefined();
    client.close();
  });

  it('are one for each cell, also where two are called the same', () => {
    const { client } = makeClient();
    const privates = new PrivateSessions((of, _server, name) => of.session(name));
    const names = [place('a'), place('a'), place(undefined)].map((at) => privates.open({}, client, at).name);
    expect(new Set(names).size).toBe(3);
    client.close();
  });

  it('give way, the longest unused first, when there are too many', () => {
    const { client } = makeClient();
    const privates = new PrivateSessions((of, _server, name) => of.session(name));
    const owners = Array.from({ length: MAX_PRIVATE_SESSIONS }, () => ({}));
    const sessions = owners.map((owner, i) => privates.open(owner, client, place(String(i))));
    for (const session of sessions) session.state = 'open';
    if (owners[0]) privates.used(owners[0]);
    privates.open({}, client, place('one more'));
    expect(sessions.map(({ state }) => state).filter((state) => state === 'ended')).toHaveLength(1);
    expect(sessions[1]?.state).toBe('ended');
    client.close();
  });
});
