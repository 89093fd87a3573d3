/** Where Sage runs. */
import { parseBridgeAddress } from '../../bridges/address.js';
import { checked, choice, list, parsed, path, text, wholeNumber, type Kind } from '../kind.js';
import { optional, setting } from '../setting.js';
import * as v from 'valibot';

/** How a local bridge shuts its workers in. */
export const SANDBOX_MODES = ['require', 'best-effort', 'off'] as const;

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
      parsed(parseBridgeAddress, 'tcp://host:port, tls://host:port or unix:///path'),
      'a list of tcp://host:port, tls://host:port and unix:///path',
    ),
    'bridges elsewhere: `tcp://host:port`, `tls://host:port`, `unix:///path`; every relay must write them the same way',
    { fallbackDoc: 'one is started', isLive: true },
  ),
  bridgeToken: optional(
    text(/^.{16,}$/, 'a secret of at least 16 characters'),
    'secret shared with those bridges, 16 characters or more',
    { isSecret: true },
  ),
  bridgeCa: optional(path, 'file of the certificate authorities (PEM) that sign what `tls://` bridges show', {
    fallbackDoc: 'those Node.js trusts',
  }),
  bridgeCert: optional(path, "file of this relay's certificate (PEM), for `tls://` bridges that ask for one"),
  bridgeKey: optional(path, 'file of the key (PEM) of that certificate'),
  probeSeconds: setting(
    wholeNumber(1, 86_400),
    30,
    'how often each bridge is tried with a random sum and a plot',
  ),
};
