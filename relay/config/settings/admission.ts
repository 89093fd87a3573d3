/** Whom the relay lets in. */
import { checked, list, text } from '../kind.js';
import { optional } from '../setting.js';

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
};
