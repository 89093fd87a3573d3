/** A file that the code made: a link that saves it. */
import type { FileOutput } from '../../relay/protocol/index.js';
import { size as sizeOf } from '../strings/size.js';
import type { Strings } from '../strings/index.js';
import { decodeBase64 } from './base64.js';
import type { Rendering } from './rendering.js';

/** Characters that make a name look like another one: controls and changes of writing direction. */
const MISLEADING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** The content, as a type that no browser displays: a page made by the code must not open as one of this site's. */
function blobOf({ data }: FileOutput): Blob | undefined {
  if (data === undefined) return undefined;
  try {
    return new Blob([decodeBase64(data)], { type: 'application/octet-stream' });
  } catch {
    return undefined;
  }
}

/** Shows the name and size; the link saves the content and never opens it, whatever its type says. */
export function renderFile(file: FileOutput, strings: Strings): Rendering {
  const node = document.createElement('div');
  node.className = 'file';
  node.setAttribute('part', 'file');
  const name = file.name.replace(MISLEADING, '');
  const size = document.createElement('span');
  size.className = 'file-size';
  size.textContent = sizeOf(file.size, strings);
  const blob = blobOf(file);
  if (blob === undefined) {
    size.textContent = strings.fileTooLong(sizeOf(file.size, strings));
    node.append(name, ' ', size);
    return { node };
  }
  const link = document.createElement('a');
  link.textContent = name;
  link.download = name;
  node.append(link, ' ', size);
  const resume = (): void => {
    if (link.href === '') link.href = URL.createObjectURL(blob);
  };
  resume();
  return {
    node,
    resume,
    suspend: () => {
      URL.revokeObjectURL(link.href);
      link.removeAttribute('href');
    },
  };
}
