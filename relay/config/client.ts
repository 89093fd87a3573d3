/** Settings of programs that talk to a relay; the relay itself has none of them. */

export interface ClientSettings {
  /** `SAGE_EMBED_SERVER`: address of the relay. */
  readonly server: string | undefined;
  /** `SAGE_EMBED_TOKEN`: secret of its TCP door. In the environment, since others can read command lines. */
  readonly token: string | undefined;
}

/** An empty variable counts as not set. */
export const readClientSettings = (env: NodeJS.ProcessEnv = process.env): ClientSettings => ({
  server: env['SAGE_EMBED_SERVER'] || undefined,
  token: env['SAGE_EMBED_TOKEN'] || undefined,
});
