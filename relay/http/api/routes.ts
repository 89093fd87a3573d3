/** The routes of the JSON API. */
import { readFileSync } from 'node:fs';
import type { HttpRequest, HttpResponse, TemplatedApp } from 'uWebSockets.js';
import type { Exchange } from '../respond.js';
import {
  answerDelete,
  answerExecute,
  answerForm,
  answerJob,
  answerStop,
  forPeopleToo,
  type ApiContext,
} from './answers.js';

/** Makes a route of what answers an exchange. */
export type MakeRoute = (
  act: (exchange: Exchange) => Promise<void>,
) => (res: HttpResponse, req: HttpRequest) => void;

/**
 * @param open for what any page may ask
 * @param guarded refuses pages of origins that are not allowed
 */
export function mountApi(app: TemplatedApp, context: ApiContext, open: MakeRoute, guarded: MakeRoute): void {
  const description = readFileSync(new URL('./openapi.json', import.meta.url));
  const people = (act: (exchange: Exchange) => Promise<void> | void): ReturnType<MakeRoute> =>
    guarded((exchange) => forPeopleToo(exchange, context, async () => act(exchange)));
  const otherMethods = (path: string, allowed: string): void => {
    app.any(
      path,
      open((exchange) => {
        exchange.text('405 Method Not Allowed', `Allowed here: ${allowed}.\n`, [['Allow', allowed]]);
        return Promise.resolve();
      }),
    );
  };
  const preflight = (methods: string): ReturnType<MakeRoute> =>
    open((exchange) => {
      exchange.reply('204 No Content', [
        ...exchange.corsHeaders,
        ['Access-Control-Allow-Methods', `${methods}, OPTIONS`],
        ['Access-Control-Allow-Headers', 'Authorization, Content-Type, X-Request-Id'],
        ['Access-Control-Max-Age', '7200'],
      ]);
      return Promise.resolve();
    });
  app.get(
    '/api/v1/execute',
    people((exchange) => answerForm(exchange, context)),
  );
  app.post(
    '/api/v1/execute',
    people((exchange) => answerExecute(exchange, context)),
  );
  app.options('/api/v1/execute', preflight('POST'));
  otherMethods('/api/v1/execute', 'GET, POST, OPTIONS');
  app.get(
    '/api/v1/jobs/:id',
    people((exchange) => answerJob(exchange, context)),
  );
  app.del(
    '/api/v1/jobs/:id',
    people((exchange) => answerDelete(exchange, context)),
  );
  app.options('/api/v1/jobs/:id', preflight('GET, DELETE'));
  otherMethods('/api/v1/jobs/:id', 'GET, DELETE, OPTIONS');
  app.post(
    '/api/v1/jobs/:id/stop',
    people((exchange) => answerStop(exchange, context)),
  );
  app.get(
    '/api/v1/openapi.json',
    open((exchange) => {
      exchange.reply(
        '200 OK',
        [
          ['Content-Type', 'application/json; charset=utf-8'],
          ['Cache-Control', 'public, max-age=300'],
          ['Access-Control-Allow-Origin', '*'],
        ],
        description,
      );
      return Promise.resolve();
    }),
  );
}
