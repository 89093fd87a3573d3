/** Sound and moving pictures, played when the reader asks for it. */
import { plainText } from '../output/stream-text.js';
import { decodeBase64 } from './base64.js';
import type { Renderer } from './rendering.js';

/** A renderer for that type of sound or film; the data is base64. */
export function mediaRenderer(type: `audio/${string}` | `video/${string}`): Renderer {
  return (data, alternative) => {
    const blob = new Blob([decodeBase64(data)], { type });
    const node = document.createElement('div');
    node.className = 'media';
    const player = document.createElement(type.startsWith('audio/') ? 'audio' : 'video');
    player.setAttribute('part', 'media');
    player.controls = true;
    player.preload = 'metadata';
    player.setAttribute('aria-label', plainText(alternative).slice(0, 300));
    node.append(player);
    const resume = (): void => {
      if (player.src === '') player.src = URL.createObjectURL(blob);
    };
    resume();
    return {
      node,
      resume,
      suspend: () => {
        URL.revokeObjectURL(player.src);
        player.removeAttribute('src');
        player.load();
      },
    };
  };
}
