// Renders /v1/openapi.json: one section an operation, with its parameters and the shapes that go in and come out.
const el = (tag, props = {}, ...children) => {
  const node = Object.assign(document.createElement(tag), props);
  node.append(...children.filter((c) => c !== null && c !== undefined));
  return node;
};

const api = await (await fetch('/v1/openapi.json')).json();

const resolve = (schema) => {
  const name = schema?.$ref?.split('/').pop();
  return name ? { name, ...api.components.schemas[name] } : (schema ?? {});
};

const typeOf = (schema) => {
  if (schema?.$ref) return schema.$ref.split('/').pop();
  if (schema?.enum) return schema.enum.join(' | ');
  const types = [schema?.type ?? 'any'].flat();
  return types.map((t) => (t === 'array' ? `${typeOf(schema.items)}[]` : (t === 'string' && schema.format) || t)).join(' or ');
};

// An example says more than a schema: one value of the right shape, three levels deep.
const example = (schema, depth = 0) => {
  const s = resolve(schema);
  if (s.examples?.length) return s.examples[0];
  if (s.default !== undefined) return s.default;
  if (s.enum) return s.enum[0];
  const type = [s.type].flat().find((t) => t !== 'null');
  if (type === 'object' || s.properties) {
    if (depth > 3) return {};
    const props = Object.entries(s.properties ?? {}).filter(([k]) => k !== '$schema');
    if (!props.length && s.additionalProperties) return { '…': example(s.additionalProperties, depth + 1) };
    return Object.fromEntries(props.map(([k, v]) => [k, example(v, depth + 1)]));
  }
  if (type === 'array') return depth > 3 ? [] : [example(s.items, depth + 1)];
  if (type === 'integer' || type === 'number') return 0;
  if (type === 'boolean') return false;
  if (type === 'string') return s.format === 'date-time' ? '2024-03-31T10:00:00Z' : s.format === 'date' ? '2024-03-31' : 'text';
  return null;
};

const shape = (title, content) => {
  const [kind, media] = Object.entries(content ?? {})[0] ?? [];
  if (!media) return null;
  const named = resolve(media.schema).name;
  return el('details', {},
    el('summary', {}, `${title}: ${named ?? typeOf(media.schema)} (${kind})`),
    el('pre', { tabIndex: 0 }, kind.includes('json') ? JSON.stringify(example(media.schema), null, 2) : 'bytes'));
};

const parameters = (list) => {
  if (!list?.length) return null;
  const rows = list.map((p) => el('tr', {},
    el('td', {}, el('code', {}, p.name), p.required ? ' *' : ''),
    el('td', {}, p.in),
    el('td', {}, typeOf(p.schema) + (p.schema?.default !== undefined ? `, default ${p.schema.default}` : '')),
    el('td', {}, p.description ?? '')));
  const head = el('tr', {}, ...['name', 'in', 'type', 'meaning'].map((h) => el('th', { scope: 'col' }, h)));
  return el('table', {}, el('thead', {}, head), el('tbody', {}, ...rows));
};

const groups = new Map();
for (const [path, methods] of Object.entries(api.paths)) {
  for (const [method, op] of Object.entries(methods)) {
    const tag = op.tags?.[0] ?? 'Other';
    groups.set(tag, [...(groups.get(tag) ?? []), { path, method: method.toUpperCase(), op }]);
  }
}

const main = document.getElementById('main');
const index = document.getElementById('index');
index.append(el('strong', {}, 'Dangol API'));
main.replaceChildren(
  el('h1', {}, api.info.title + ' API ' + api.info.version),
  el('p', {}, api.info.description ?? ''),
  el('p', {}, 'Send ', el('code', {}, 'Authorization: Bearer KEY'), ' with a key from ', el('code', {}, 'dangol key create'),
    '; on this machine alone, while no key exists, none is needed. Failures are ', el('code', {}, 'application/problem+json'),
    '. The document itself: ', el('a', { href: '/v1/openapi.json' }, 'JSON'), ', ', el('a', { href: '/v1/openapi.yaml' }, 'YAML'), '.'));

for (const [tag, ops] of groups) {
  main.append(el('h2', {}, tag));
  const links = ops.map(({ op }) => el('li', {}, el('a', { href: '#' + op.operationId }, op.summary)));
  index.append(el('h2', {}, tag), el('ul', {}, ...links));
  for (const { path, method, op } of ops) {
    const ok = Object.entries(op.responses ?? {}).find(([status]) => status.startsWith('2'));
    main.append(el('section', { id: op.operationId, className: 'op' },
      el('h3', {}, op.summary),
      el('div', { className: 'route' }, el('span', { className: 'method' }, method), el('code', {}, path),
        el('span', { className: 'scope' }, 'needs ' + (op['x-scope'] ?? 'public'))),
      op.description ? el('p', {}, op.description) : null,
      parameters(op.parameters),
      shape('Send', op.requestBody?.content),
      ok ? shape(`Get ${ok[0]}`, ok[1].content) : null));
  }
}
if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
