/** Sessions and who may attach to them. */
import { list, text } from '../kind.js';
import { optional } from '../setting.js';

export const sessions = {
  sessionKeys: optional(
    list(
      text(/^.{32,}$/, 'a secret of at least 32 characters'),
      'a list of secrets of at least 32 characters each',
    ),
    'secrets that sign session tokens, 32 characters or more each; the first signs, all are accepted. Give all relays the same',
    { isSecret: true, fallbackDoc: 'random at each start' },
  ),
};
