/** Pages that the relay itself writes: plain HTML without scripts, for any browser, lynx included. */
import { createHash } from 'node:crypto';
import type { Exchange, Headers } from './respond.js';

/** Text that can't be taken for markup, in content and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const STYLE = `
:root{color-scheme:light dark;--ink:light-dark(#1b211d,#e4e9e5);--soft:light-dark(#57615a,#a3aea6);--paper:light-dark(#fcfcfa,#111512);--rule:light-dark(#dde1dc,#333a35);--link:light-dark(#22603f,#86cda6);--tint:light-dark(#eef3ee,#1a221d);--bad:light-dark(#9c2f24,#f0978c)}
*{box-sizing:border-box}
body{max-width:46rem;margin:0 auto;padding:2rem 1.25rem 4rem;background:var(--paper);color:var(--ink);font:1rem/1.6 system-ui,sans-serif}
h1{font-size:1.5rem;line-height:1.25;margin:0 0 1rem}
h2{font-size:1.05rem;margin:2rem 0 .5rem}
a{color:var(--link)}
p.soft,small{color:var(--soft)}
pre,textarea{font:.9rem/1.5 ui-monospace,Menlo,Consolas,monospace}
pre{overflow:auto;margin:.75rem 0;padding:.75rem 1rem;background:var(--tint);border-radius:6px;white-space:pre-wrap;overflow-wrap:anywhere}
pre.bad{color:var(--bad)}
textarea{width:100%;padding:.75rem 1rem;background:var(--paper);color:inherit;border:1px solid var(--rule);border-radius:6px}
button,select{font:inherit;min-height:2.5rem;padding:.25rem 1rem;border:1px solid var(--rule);border-radius:6px;background:var(--tint);color:inherit}
button{cursor:pointer}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
img{max-width:100%;height:auto;background:#fff;border-radius:6px}
table{width:100%;border-collapse:collapse}
th,td{padding:.4rem .75rem .4rem 0;border-bottom:1px solid var(--rule);text-align:left;vertical-align:top;font-variant-numeric:tabular-nums}
th{font-weight:500;color:var(--soft)}
th[scope=row]{width:50%}
.table{overflow-x:auto}
.state::before{content:"";display:inline-block;width:.6em;height:.6em;margin-right:.5em;border-radius:50%;background:var(--link)}
.state.bad::before{background:var(--bad)}
`;

/** Nothing is loaded, nothing runs, and nobody frames it: what user code put out can only be looked at. */
const SECURITY: Headers = [
  [
    'Content-Security-Policy',
    `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; img-src data:; ` +
      `form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  ],
  ['Cache-Control', 'no-store'],
  ['Vary', 'Accept'],
];

/** One page. */
export interface Page {
  readonly title: string;
  /** Markup; whoever writes it escapes what is not theirs. */
  readonly body: string;
  /** Seconds after which the browser is to load the page again. */
  readonly refreshS?: number;
}

/** Answers with a page. */
export function replyPage(exchange: Exchange, status: string, page: Page, headers: Headers = []): void {
  const refresh =
    page.refreshS === undefined ? '' : `<meta http-equiv="refresh" content="${String(page.refreshS)}">`;
  const html =
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(page.title)}</title>` +
    `<meta name="viewport" content="width=device-width, initial-scale=1">${refresh}<style>${STYLE}</style></head>` +
    `<body><main>${page.body}</main></body></html>\n`;
  exchange.reply(status, [['Content-Type', 'text/html; charset=utf-8'], ...SECURITY, ...headers], html);
}
