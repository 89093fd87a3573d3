/** Output with scripts, shut into a frame that can reach neither the page nor the network. */
import { FRAME_VERSION, MAX_FRAME_MESSAGES_PER_SECOND, type FrameContent } from './frame-channel.js';
import { renderText } from './text.js';
import { renderTrusted } from './trusted.js';
import type { Renderer, Rendering, RenderSite } from './rendering.js';

/** How long a frame may take to say that it is there: a page's own policy may have refused it, milliseconds. */
const PATIENCE_MS = 8_000;

/** Highest a frame makes itself, CSS pixels; beyond, it scrolls. */
const MAX_HEIGHT = 10_000;

/** Names of the private properties of the cell that a frame may know, so that it looks at home. */
const TOKENS = ['surface', 'text', 'muted', 'line', 'accent'] as const;

function themeOf(node: HTMLElement): FrameContent['theme'] {
  const style = getComputedStyle(node);
  const theme: Record<string, string> = { scheme: style.colorScheme, font: style.fontFamily };
  for (const name of TOKENS) theme[name] = style.getPropertyValue(`--_${name}`);
  return theme;
}

/**
 * Shows markup, or runs a script, in a sandboxed frame. What it may ask for is its height, nothing else; one that
 * talks too much or leaves its page is taken away and its plain text shown.
 */
export function renderFramed(
  content: { readonly html: string } | { readonly script: string },
  alternative: string,
  site: RenderSite,
): Rendering {
  const { strings } = site;
  const node = document.createElement('div');
  node.className = 'frame';
  const frame = document.createElement('iframe');
  frame.title = alternative.slice(0, 100).split('\n')[0]?.trim() || strings.interactive;
  if ('script' in content) frame.title = strings.interactive;
  frame.setAttribute('part', 'frame');
  // Without `allow-same-origin` it has an origin of its own: no storage, no cookies, no way into the page.
  frame.setAttribute('sandbox', 'allow-scripts');
  frame.referrerPolicy = 'no-referrer';
  frame.allow = '';
  frame.src = site.frameUrl;
  node.append(frame);

  let port: MessagePort | undefined;
  let settle: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    settle = resolve;
  });
  const giveUp = (sentence: string): void => {
    clearTimeout(timer);
    port?.close();
    const text = renderText(alternative, alternative, site).node;
    const note = document.createElement('p');
    note.className = 'note';
    note.textContent = sentence;
    node.replaceChildren(...('script' in content ? [] : [text]), note);
    settle();
  };
  const timer = setTimeout(() => {
    giveUp(strings.frameRefused);
  }, PATIENCE_MS);

  let received = 0;
  let second = 0;
  const receive = (message: unknown): void => {
    const now = Math.floor(performance.now() / 1_000);
    received = now === second ? received + 1 : 1;
    second = now;
    if (received > MAX_FRAME_MESSAGES_PER_SECOND) {
      port?.close();
      return;
    }
    // What it says is as hostile as what it shows.
    const { type, height } = Object(message) as { type?: unknown; height?: unknown };
    if (type !== 'height' || typeof height !== 'number' || !Number.isFinite(height)) return;
    clearTimeout(timer);
    frame.style.blockSize = `${String(Math.min(Math.max(Math.ceil(height), 0), MAX_HEIGHT))}px`;
    settle();
  };
  let loads = 0;
  frame.addEventListener('load', () => {
    loads += 1;
    // It left its page for another one, which could be anybody's.
    if (loads > 1) {
      giveUp(strings.rendererFailed);
      return;
    }
    const channel = new MessageChannel();
    port = channel.port1;
    port.onmessage = ({ data }: MessageEvent<unknown>) => {
      receive(data);
    };
    const message: FrameContent = { ...content, version: FRAME_VERSION, theme: themeOf(node) };
    // Its origin is opaque and has no name, so that no target can be named; it holds nothing secret.
    frame.contentWindow?.postMessage(message, '*', [channel.port2]);
  });
  return {
    node,
    ready,
    suspend: () => {
      clearTimeout(timer);
      port?.close();
      settle();
    },
    resume: () => {
      // A frame that was taken out of the page begins anew when it is put in again.
      loads = 0;
    },
  };
}

/** JavaScript of a displayed object runs in a frame, or, where the author of the page trusts outputs, in the page. */
export const renderScript: Renderer = (data, alternative, site) => {
  if (site.trust === 'page') return renderTrusted(`<script>${data}</script>`, alternative, site);
  if (site.claimFrame()) return renderFramed({ script: data }, alternative, site);
  return renderText(alternative, alternative, site);
};
