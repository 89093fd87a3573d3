/** The page that transports without CORS load in a hidden iframe: it talks to the relay for the page around it. */
import { createHash } from 'node:crypto';
import type { AllowedOrigins } from '../admission/admission.js';

/** A page and its tag. */
export interface IframePage {
  readonly html: string;
  readonly etag: string;
}

/** The page as the protocol gives it. @param scriptUrl where it finds sockjs-client */
export function iframePage(scriptUrl: string): IframePage {
  const html = `<!DOCTYPE html>
<html>
<head>
  <meta http-equiv="X-UA-Compatible" content="IE=edge" />
  <meta http-equiv="Content-Type" content="text/html; charset=UTF-8" />
  <script src="${scriptUrl}"></script>
  <script>
    document.domain = document.domain;
    SockJS.bootstrap_iframe();
  </script>
</head>
<body>
  <h2>Don't panic!</h2>
  <p>This is a SockJS hidden iframe. It's used for cross domain magic.</p>
</body>
</html>`;
  return { html, etag: `"${createHash('sha256').update(html).digest('base64url').slice(0, 22)}"` };
}

/**
 * Which pages may frame the iframe page, as a Content-Security-Policy. What it asks for has the relay's own origin,
 * so a page that may not connect must not get hold of it either.
 */
export function framePolicy(allowed: AllowedOrigins): string {
  if (allowed === '*') return 'frame-ancestors *';
  const listed =
    allowed === 'local'
      ? ['http://localhost:*', 'http://127.0.0.1:*', 'http://[::1]:*']
      : // Pages opened as files can't be named here.
        allowed.filter((origin) => origin !== 'null');
  return ["frame-ancestors 'self'", ...listed].join(' ');
}
