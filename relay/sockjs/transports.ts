/** The transports of SockJS over HTTP: how each puts frames into an answer. */

/** A transport that brings frames to the client. */
export interface ReceivingTransport {
  readonly method: 'get' | 'post';
  readonly contentType: string;
  /** True if an answer holds many frames, each in a chunk of its own; else it ends with the first. */
  readonly isStreaming: boolean;
  /** Chunk before the first frame of a streaming answer: some browsers hand nothing on before they have so much. */
  readonly prelude: string;
  wrap(frame: string): string;
}

/** A transport that also needs the name of a function in the page. */
export type CallbackTransport = (callback: string) => ReceivingTransport;

const JAVASCRIPT = 'application/javascript; charset=UTF-8';
const HTML = 'text/html; charset=UTF-8';

/** Bytes that make Internet Explorer and old WebKit show a stream before its end. */
const XHR_PRELUDE_BYTES = 2_048;
const HTML_PRELUDE_BYTES = 1_024;

const line = (frame: string): string => `${frame}\n`;

/** A JavaScript string that can't end the script it stands in. */
const scriptString = (frame: string): string => JSON.stringify(frame).replace(/</g, '\\u003c');

/** Transports whose requests say all that is needed. */
export const PLAIN_TRANSPORTS: Readonly<Record<'xhr' | 'xhr_streaming' | 'eventsource', ReceivingTransport>> =
  {
    xhr: { method: 'post', contentType: JAVASCRIPT, isStreaming: false, prelude: '', wrap: line },
    xhr_streaming: {
      method: 'post',
      contentType: JAVASCRIPT,
      isStreaming: true,
      prelude: `${'h'.repeat(XHR_PRELUDE_BYTES)}\n`,
      wrap: line,
    },
    eventsource: {
      method: 'get',
      contentType: 'text/event-stream',
      isStreaming: true,
      prelude: '\r\n',
      // Frames hold no line breaks: JSON escapes them.
      wrap: (frame) => `data: ${frame}\r\n\r\n`,
    },
  };

/** Transports whose answer calls a function that the query's `c` names. */
export const CALLBACK_TRANSPORTS: Readonly<Record<'htmlfile' | 'jsonp', CallbackTransport>> = {
  htmlfile: (callback) => ({
    method: 'get',
    contentType: HTML,
    isStreaming: true,
    prelude: htmlPage(callback),
    wrap: (frame) => `<script>\np(${scriptString(frame)});\n</script>\r\n`,
  }),
  jsonp: (callback) => ({
    method: 'get',
    contentType: JAVASCRIPT,
    isStreaming: false,
    prelude: '',
    // The comment keeps the answer from being taken for something else that begins with the callback's letters.
    wrap: (frame) => `/**/${callback}(${scriptString(frame)});\r\n`,
  }),
};

/** Whether a page's function may be named so: nothing that could be more than a name. */
export const isCallback = (name: string): boolean => /^[a-zA-Z0-9_.-]{1,128}$/.test(name);

/** The page of a hidden iframe whose scripts hand frames to its parent, as the protocol gives it. */
function htmlPage(callback: string): string {
  const page = `<!doctype html>
<html><head>
  <meta http-equiv="X-UA-Compatible" content="IE=edge" />
  <meta http-equiv="Content-Type" content="text/html; charset=UTF-8" />
</head><body><h2>Don't panic!</h2>
  <script>
    document.domain = document.domain;
    var c = parent.${callback};
    c.start();
    function p(d) {c.message(d);};
    window.onload = function() {c.stop();};
  </script>`;
  return `${page.padEnd(HTML_PRELUDE_BYTES)}\r\n\r\n`;
}
