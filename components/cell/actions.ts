/** What a reader can do with a cell besides running it. */
import type { HiddenPart } from '../options.js';
import type { Strings } from '../strings/index.js';
import type { Action } from '../toolbar.js';
import type { SessionMembership } from './session-membership.js';

/** What decides on the actions. */
export interface Situation {
  readonly host: HTMLElement & { readonly strings: Strings };
  readonly hidden: ReadonlySet<HiddenPart>;
  readonly hasOutput: boolean;
  /** True while it runs. */
  readonly isActive: boolean;
  readonly isEdited: boolean;
  readonly membership: SessionMembership;
}

/** The actions that make sense at this moment, in the order of the menu, without those of which the author has a button of his own. */
export function actionsNow(situation: Situation): Action[] {
  const { host, hidden, hasOutput, isActive, isEdited, membership } = situation;
  const { strings } = host;
  const { isShared } = membership;
  const isReplaced = (name: string): boolean => [...host.children].some((child) => child.slot === name);
  const isHidden = (name: string): boolean => (hidden as ReadonlySet<string>).has(name);
  const all: (Action & { readonly makesSense: boolean })[] = [
    { name: 'copy', text: strings.copy, makesSense: true },
    { name: 'copy-output', text: strings.copyOutput, makesSense: hasOutput },
    { name: 'reset', text: strings.reset, makesSense: isEdited },
    { name: 'clear', text: strings.clear, makesSense: hasOutput && !isActive },
    { name: 'run-all', text: strings.runAll, makesSense: isShared && membership.all.length > 1 },
    { name: 'run-above', text: strings.runAbove, makesSense: membership.above.length > 0 },
    { name: 'restart', text: strings.restart, makesSense: isShared },
    { name: 'fullscreen', text: fullScreenText(host), makesSense: document.fullscreenEnabled },
  ];
  return all.filter(({ name, makesSense }) => makesSense && !isHidden(name) && !isReplaced(name));
}

const isFullScreen = (host: HTMLElement): boolean => host.matches(':fullscreen');

const fullScreenText = (host: Situation['host']): string =>
  isFullScreen(host) ? host.strings.leaveFullScreen : host.strings.fullScreen;

/** Shows `host` alone on the screen, or brings it back. A browser or page that forbids it changes nothing. */
export async function toggleFullScreen(host: HTMLElement): Promise<void> {
  await (isFullScreen(host) ? document.exitFullscreen() : host.requestFullscreen()).catch(() => undefined);
}
