/** Reading the settings again while the relay runs. */
import { isDeepStrictEqual } from 'node:util';
import { loadConfig, type Config, type ConfigSources, type Loaded } from './config.js';
import { SETTINGS, type SettingName } from './settings/index.js';
import { NAMES } from './sources.js';

/** What a reload brought. */
export interface Reloaded {
  readonly config: Config;
  /** Settings that hold something new and can be changed while the relay runs. */
  readonly changed: readonly SettingName[];
  /** Settings that hold something new and need a restart. */
  readonly needRestart: readonly SettingName[];
}

/** The configuration of a running relay. */
export class ConfigSource {
  readonly #sources: ConfigSources;
  #loaded: Loaded;

  /** @throws ConfigError naming every problem at once */
  constructor(sources: ConfigSources = {}) {
    this.#sources = sources;
    this.#loaded = loadConfig(sources);
  }

  get loaded(): Loaded {
    return this.#loaded;
  }

  get config(): Config {
    return this.#loaded.config;
  }

  /**
   * Reads the file again. Not the environment: nobody can change that of a running process.
   * @throws ConfigError when something is wrong now; then all stays as it was
   */
  reload(): Reloaded {
    const before = this.#loaded.values;
    this.#loaded = loadConfig(this.#sources);
    const { config, values } = this.#loaded;
    const different = NAMES.filter((name) => !isDeepStrictEqual(before[name], values[name]));
    return {
      config,
      changed: different.filter((name) => SETTINGS[name].isLive),
      needRestart: different.filter((name) => !SETTINGS[name].isLive),
    };
  }
}
