/** Where Sage runs. */
import type { BridgeAddress } from '../../bridges/bridge-link.js';
import { checked, choice, list, parsed, text, wholeNumber, type Kind } from '../kind.js';
import { optional } from '../setting.js';
import * as v from 'valibot';

/** How a local bridge shuts its workers in. */
export const SANDBOX_MODES = ['require', 'best-effort', 'off'] as const;

/** `tcp://host:port` or `unix:///path` → address; undefined if it is neither. */
function bridgeAddress(written: string): BridgeAddress | undefined {
  const unix = /^unix:\/\/(\/.+)$/.exec(written)?.[1];
  if (unix !== undefined) return { kind: 'unix', path: unix };
  const [, bracketed, plain, port] =
    /^tcp:\/\/(?:\[([0-9a-f:.]+)\]|([^/:[\]]+)):(\d{1,5})$/i.exec(written) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) return undefined;
  return { kind: 'tcp', host, port: Number(port) };
}

const COMMAND_FORM = 'the path of a Python that imports sage, or a JSON array of words';

/** A path, or words: the only list that is not separated by commas. */
const command: Kind<readonly string[]> = checked(
  {
    allowed: COMMAND_FORM,
    fromText: (written) => {
      if (!written.startsWith('[')) return [written];
      try {
        return JSON.parse(written) as unknown;
      } catch {
        return written;
      }
    },
    schema: () =>
      v.union(
        [
          v.array(v.pipe(v.string(), v.nonEmpty())),
          v.pipe(
            v.string(),
            v.regex(/^[^[]/),
            v.transform((word) => [word]),
          ),
        ],
        COMMAND_FORM,
      ) as v.GenericSchema<unknown, readonly string[]>,
  },
  (words) => words.length > 0,
);

export const bridges = {
  sagePython: optional(command, "Sage's Python for the bridge the relay starts: a path or a JSON array", {
    fallbackDoc: 'found by the launcher',
  }),
  sagePool: optional(wholeNumber(1, 1_000), 'workers that bridge keeps parked', { fallbackDoc: '`4`' }),
  sageSandbox: optional(
    choice(SANDBOX_MODES),
    'how that bridge shuts its workers in: `require` (every layer or no start), `best-effort`, `off`; `/status` tells what holds',
    { fallbackDoc: '`best-effort` on a loopback address, else `require`' },
  ),
  bridges: optional(
    list(
      parsed(bridgeAddress, 'tcp://host:port or unix:///path'),
      'a list of tcp://host:port and unix:///path',
    ),
    'bridges elsewhere: `tcp://host:port`, `unix:///path`',
    { fallbackDoc: 'one is started', isLive: true },
  ),
  bridgeToken: optional(
    text(/^.{16,}$/, 'a secret of at least 16 characters'),
    'secret shared with those bridges, 16 characters or more',
    { isSecret: true },
  ),
};
