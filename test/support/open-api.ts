/** Holds live answers against the description that the relay serves of its JSON API. */
import { Ajv2020 } from 'ajv/dist/2020.js';

interface Description {
  readonly paths: Record<
    string,
    Record<string, { readonly responses: Record<string, { readonly content?: object }> }>
  >;
  readonly components: { readonly schemas: Record<string, object> };
}

/** Fetches, and checks the answer. */
export type CheckedFetch = (path: string, init?: RequestInit) => Promise<Response>;

/**
 * @returns a `fetch` below `url` that throws when status or body are not among those that `/api/v1/openapi.json` names
 * for the operation
 */
export async function checkedFetch(url: string): Promise<CheckedFetch> {
  const description = (await (await fetch(`${url}/api/v1/openapi.json`)).json()) as Description;
  const ajv = new Ajv2020({ strict: false, formats: { 'date-time': /^\d{4}-\d\d-\d\dT[\d:.]+Z$/ } });
  ajv.addSchema(description, 'api');
  return async (path, init = {}) => {
    const answer = await fetch(url + path, { redirect: 'manual', ...init });
    const [template] = Object.keys(description.paths).filter((candidate) =>
      new RegExp(`^${candidate.replace(/\{\w+\}/g, '[^/]+')}$`).test(path.split('?')[0]!),
    );
    const method = (init.method ?? 'GET').toLowerCase();
    const response = description.paths[template ?? '']?.[method]?.responses[String(answer.status)];
    if (response === undefined)
      throw new Error(`${method} ${path} answered ${String(answer.status)}: not described`);
    const type = answer.headers.get('content-type')?.split(';')[0] ?? '';
    if (response.content === undefined || !type.includes('json')) return answer;
    const pointer = [
      'paths',
      template!,
      method,
      'responses',
      String(answer.status),
      'content',
      type,
      'schema',
    ]
      .map((step) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1')))
      .join('/');
    const validate = ajv.getSchema(`api#/${pointer}`);
    if (validate === undefined) throw new Error(`${type} is not described for ${method} ${path}`);
    const body: unknown = await answer.clone().json();
    if (!validate(body)) throw new Error(`${JSON.stringify(body)}: ${ajv.errorsText(validate.errors)}`);
    return answer;
  };
}
