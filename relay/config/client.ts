/** Settings of programs that talk to a relay; the relay itself has none of them. */

export interface ClientSettings {
  /** `SAGE_EMBED_SERVER`: address of the relay. */
  readonly server: string | undefined;
  /** `SAGE_EMBED_TOKEN`: secret of its TCP door. In the environment, since others can read command lines. */
  readonly token: string | undefined;
}

const SERVER = 'SAGE_EMBED_SERVER';

const TOKEN = 'SAGE_EMBED_TOKEN';

/** The variables: a relay that is started where they are set lets them be. */
export const CLIENT_VARIABLES: ReadonlySet<string> = new Set([SERVER, TOKEN]);

/** Those of them that hold secrets. */
export const SECRET_CLIENT_VARIABLES: readonly string[] = [TOKEN];

/** An empty variable counts as not set. */
export const readClientSettings = (env: NodeJS.ProcessEnv = process.env): ClientSettings => ({
  server: env[SERVER] || undefined,
  token: env[TOKEN] || undefined,
});
