/** Settings: defaults, a file over them, the environment over both → one frozen `Config`. The only part that reads the environment. */
export {
  loadConfig,
  loadStoreSettings,
  readConfig,
  type BridgeConfig,
  type Config,
  type ConfigSources,
  type Loaded,
} from './config.js';
export { describeConfig, settingsTables, type EffectiveSetting } from './describe.js';
export { ConfigError, type ConfigProblem } from './problem.js';
export { ConfigSource, type Reloaded } from './reload.js';
