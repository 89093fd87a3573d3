/** Whom the relay lets in. */
import { parseNetwork } from '../../address.js';
import { checked, flag, list, parsed, text } from '../kind.js';
import { optional, setting } from '../setting.js';

const ORIGIN_FORM =
  '* or a list of origins such as https://book.example.org (null for pages opened as files)';

const isOrigin = (written: string): boolean =>
  written === 'null' || (URL.canParse(written) && new URL(written).origin === written);

export const admission = {
  allowedOrigins: optional(
    checked(
      list(text(/./, ORIGIN_FORM), ORIGIN_FORM),
      (origins) => origins.join() === '*' || origins.every(isOrigin),
    ),
    'whose pages may connect: `*` or a list of origins (`null` for pages opened as files)',
    { fallbackDoc: 'pages of this machine on a loopback address, else it must be set' },
  ),
  trustedProxies: setting(
    list(
      parsed(parseNetwork, 'a network such as 10.0.0.0/8, or an address'),
      'a list of networks such as 10.0.0.0/8 and addresses',
    ),
    ['127.0.0.0/8', '::1'],
    'proxies whose `X-Forwarded-For`, or else `Forwarded`, is believed',
  ),
  proxyProtocol: setting(
    flag,
    false,
    'whether those proxies announce clients by the PROXY protocol, version 2',
  ),
};
