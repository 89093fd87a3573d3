/**
 * Sizes and times that both ends of a wire must agree on.
 * Every figure has its unit in its name and its reason beside it.
 */

/** Version of the page ⇄ relay and relay ⇄ bridge messages; raised when an older peer could misread a message. */
export const PROTOCOL_VERSION = 1;

/** Longest message a page may send, bytes of UTF-8. Four times the longest code, so that JSON escapes always fit. */
export const MAX_CLIENT_MESSAGE_BYTES = 262_144;

/** Longest code of one execution, UTF-16 code units: the limit readers of SageMathCell know (65,000), rounded up. */
export const MAX_CODE_LENGTH = 65_536;

/** Longest embed key or signed token, characters. */
export const MAX_EMBED_KEY_LENGTH = 4_096;

/** Longest expression to evaluate after the code, UTF-16 code units. */
export const MAX_EXPRESSION_LENGTH = 4_096;

/** Most controls of one interact. */
export const MAX_CONTROLS = 100;

/** Most values of one control: positions with labels of a slider, options of a choice, rows of a grid. SageMathCell's sliders have up to 500, its generators 10,000. */
export const MAX_CONTROL_ITEMS = 10_000;

/** Longest label of a control or of one of its values, characters. */
export const MAX_CONTROL_TEXT_LENGTH = 1_024;

/** Longest text that a control holds, characters. */
export const MAX_CONTROL_VALUE_LENGTH = 16_384;

/** Longest text of one stream output, characters; longer text is sent as several. */
export const MAX_STREAM_LENGTH = 32_768;

/** Longest single output message, bytes: a large plot fits, a runaway does not. */
export const MAX_OUTPUT_MESSAGE_BYTES = 8_388_608;

/** Most output of one execution, bytes over all its messages; what follows is dropped and `done.truncated` is true. */
export const MAX_EXECUTION_OUTPUT_BYTES = 10_485_760;

/** Most output messages of one execution; what follows is dropped and `done.truncated` is true. */
export const MAX_EXECUTION_MESSAGES = 10_000;

/** Longest frame on the relay ⇄ bridge link, bytes after the length prefix: one output message and its envelope. */
export const MAX_FRAME_BYTES = 16_777_216;

/** Most sessions one connection may hold open. */
export const MAX_SESSIONS_PER_CONNECTION = 32;

/** Most executions of one connection that have no `done` yet. */
export const MAX_EXECUTIONS_PER_CONNECTION = 256;

/** Most completions in one answer. */
export const MAX_COMPLETIONS = 500;

/** The relay sends `pong`-worthy silence no longer than this; a client that hears nothing for twice as long reconnects. */
export const HEARTBEAT_MS = 25_000;

/** A client acknowledges a session's output at the latest after this many bytes of it… */
export const ACK_BYTES = 65_536;

/** …or this long after the first unacknowledged message. */
export const ACK_DELAY_MS = 1_000;

/** How long a session lives without a client: Socket.IO's and Ably's recovery window. */
export const SESSION_GRACE_MS = 120_000;

/** How long an interrupted execution may take to end before it can be killed, and is, when its time was up. */
export const INTERRUPT_GRACE_MS = 2_000;
