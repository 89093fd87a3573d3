/** How large an image is by what stands in it, so that its place is right before it is drawn. */

/** CSS pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Size of a PNG from its header, so that its place is right before it is decoded. */
export function pngSize(bytes: Uint8Array): Size | undefined {
  if (bytes.length < 24) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return view.getUint32(12) === 0x49_48_44_52
    ? { width: view.getUint32(16), height: view.getUint32(20) }
    : undefined;
}

const PIXELS: Readonly<Record<string, number>> = {
  '': 1,
  px: 1,
  pt: 4 / 3,
  in: 96,
  cm: 96 / 2.54,
  mm: 96 / 25.4,
};

/** Size of an SVG by what its element says; a length alone tells the other by the proportions. */
export function svgSize(markup: string): Size | undefined {
  const tag = /<svg\b[^>]*>/i.exec(markup.slice(0, 10_000))?.[0] ?? '';
  const lengthOf = (name: string): number => {
    const match = new RegExp(String.raw`\s${name}\s*=\s*["']([\d.]+)(px|pt|in|cm|mm)?["']`).exec(tag);
    return match ? Number(match[1]) * (PIXELS[match[2] ?? ''] ?? 1) : 0;
  };
  const width = lengthOf('width');
  const height = lengthOf('height');
  if (width > 0 && height > 0) return { width, height };
  const [, across = 0, down = 0] =
    /\sviewBox\s*=\s*["']\s*\S+\s+\S+\s+([\d.]+)\s+([\d.]+)/.exec(tag)?.map(Number) ?? [];
  if (!(across > 0 && down > 0)) return undefined;
  const scale = width > 0 ? width / across : height > 0 ? height / down : 1;
  return { width: across * scale, height: down * scale };
}
