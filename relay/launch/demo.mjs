/** `npm run demo`: installs what is missing, builds, runs one relay with one local bridge until it is stopped. */
import { build, installPackages, requireNode } from './packages.mjs';
import { runRelay } from './relay.mjs';
import { launch } from './step.mjs';

launch(async () => {
  requireNode();
  await installPackages();
  await build();
  return runRelay();
});
