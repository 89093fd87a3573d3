/** Remembers what an installed or built folder was made from, so that the second time is quick. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Hash of texts, in order. @param {...(string | Buffer)} parts @returns {string} */
export function fingerprint(...parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex');
}

/**
 * Hash of the contents and names of all files below some paths.
 * @param {string} root
 * @param {string[]} paths files or folders, relative to `root`
 * @returns {string}
 */
export function fingerprintOfFiles(root, paths) {
  /** @type {(string | Buffer)[]} */
  const parts = [];
  /** @param {string} path */
  const visit = (path) => {
    const full = join(root, path);
    if (!existsSync(full)) return;
    if (statSync(full).isDirectory()) {
      for (const name of readdirSync(full).sort()) visit(join(path, name));
    } else {
      parts.push(path, readFileSync(full));
    }
  };
  for (const path of paths) visit(path);
  return fingerprint(...parts);
}

/** True when the stamp file holds exactly this fingerprint. @param {string} file @param {string} wanted */
export function isStamped(file, wanted) {
  return existsSync(file) && readFileSync(file, 'utf8') === wanted;
}

/** Writes the stamp; the last act of a successful installation. @param {string} file @param {string} value */
export function stamp(file, value) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, value);
}
