// What to paste where, so that events come in: one piece of text for each way of sending.

export const clients = ["snippet", "analyticsjs", "node", "python", "http", "shopify", "woocommerce", "cafe24", "generic"] as const;

export type Client = (typeof clients)[number];

/** Shops and other senders with a signature of their own come in by a webhook; all else by a collect key. */
export const hookKinds = { shopify: "shopify", woocommerce: "woocommerce", cafe24: "cafe24", generic: "generic" } as const;

export type HookKind = keyof typeof hookKinds;

export function isHook(client: Client): client is HookKind {
  return client in hookKinds;
}

export function isClient(text: string | undefined): text is Client {
  return (clients as readonly (string | undefined)[]).includes(text);
}

export interface Snippet {
  /** What the text is: a language, or a command line. */
  title: string;
  text: string;
  /** Shows how it is used, with made-up people and things: it is read, and never pasted as it stands. */
  example?: boolean;
}

/** What a sample names: the currency of the workspace, and a price that looks like one in it. */
function sampleOf(currency: string): { currency: string; price: number } {
  const own = /^[A-Z]{3}$/.test(currency) && currency !== "XXX" ? currency : "USD";
  const digits = new Intl.NumberFormat("en", { style: "currency", currency: own }).resolvedOptions().maximumFractionDigits;
  return { currency: own, price: digits === 0 ? 23000 : 23 };
}

type Sample = ReturnType<typeof sampleOf>;

/** The text to copy, with the real address and the real key in it, and below it what a call looks like. */
export function snippetsOf(client: Client, host: string, key: string, currency: string): Snippet[] {
  const sample = sampleOf(currency);
  switch (client) {
    case "snippet": return [{ title: "HTML", text: own(host, key) }, { title: "JavaScript", text: ownCalls(sample), example: true }];
    case "analyticsjs": return [{ title: "npm", text: "npm install @segment/analytics-next" }, { title: "JavaScript", text: analyticsJs(host, key) }, { title: "JavaScript", text: analyticsJsCalls(sample), example: true }];
    case "node": return [{ title: "npm", text: "npm install @segment/analytics-node" }, { title: "JavaScript", text: node(host, key) }, { title: "JavaScript", text: nodeCalls(sample), example: true }];
    case "python": return [{ title: "pip", text: "pip install segment-analytics-python" }, { title: "Python", text: python(host, key) }, { title: "Python", text: pythonCalls(sample), example: true }];
    case "http": return [{ title: "curl", text: curl(host, key, sample) }];
    case "generic": return [{ title: "curl", text: signed(host, key, sample) }];
    default: return [];
  }
}

function own(host: string, key: string): string {
  return `<script>window.dangol = window.dangol || []</script>
<script async src="${host}/dangol.js" data-key="${key}"></script>`;
}

function ownCalls({ price, currency }: Sample): string {
  return `// once somebody has signed in, with her own number and address:
dangol.push(["identify", "42", { email: "kim@example.com" }])

// when something happens:
dangol.push(["track", "Product Added", { product_id: "P1", price: ${price}, currency: "${currency}" }])`;
}

function analyticsJs(host: string, key: string): string {
  const { protocol, host: bare } = new URL(host);
  return `import { AnalyticsBrowser } from "@segment/analytics-next";

export const analytics = AnalyticsBrowser.load(
  { writeKey: "${key}", cdnURL: "${host}" },
  { integrations: { "Segment.io": { apiHost: "${bare}/v1", protocol: "${protocol.replace(":", "")}" } } },
);

analytics.page();`;
}

function analyticsJsCalls({ price, currency }: Sample): string {
  return `// once somebody has signed in, with her own number and address:
analytics.identify("42", { email: "kim@example.com" });

// when something happens:
analytics.track("Product Viewed", { product_id: "P1", price: ${price}, currency: "${currency}" });`;
}

function node(host: string, key: string): string {
  return `import { Analytics } from "@segment/analytics-node";

export const analytics = new Analytics({ writeKey: "${key}", host: "${host}" });`;
}

function nodeCalls({ price, currency }: Sample): string {
  return `analytics.identify({ userId: "42", traits: { email: "kim@example.com" } });
analytics.track({
  userId: "42",
  event: "Order Completed",
  properties: { order_id: "1001", revenue: ${price}, currency: "${currency}" },
});
await analytics.closeAndFlush(); // before the program ends`;
}

function python(host: string, key: string): string {
  return `import segment.analytics as analytics

analytics.write_key = "${key}"
analytics.host = "${host}"`;
}

function pythonCalls({ price, currency }: Sample): string {
  return `analytics.identify("42", {"email": "kim@example.com"})
analytics.track("42", "Order Completed", {"order_id": "1001", "revenue": ${price}, "currency": "${currency}"})
analytics.flush()  # before the program ends`;
}

function curl(host: string, key: string, { price, currency }: Sample): string {
  return `curl ${host}/v1/track \\
  -u "${key}:" \\
  -H "Content-Type: application/json" \\
  -d '{"userId": "42", "event": "Product Viewed", "properties": {"product_id": "P1", "price": ${price}, "currency": "${currency}"}}'`;
}

// The key of a webhook is its address; what is sent is signed with the secret of both sides.
function signed(host: string, id: string, { price, currency }: Sample): string {
  return `SECRET='the secret you gave above'
BODY='{"type": "order", "id": "1001", "customer": {"id": "42", "email": "kim@example.com"}, "total": ${price}, "currency": "${currency}"}'
SIGNATURE=$(printf '%s' "$BODY" | openssl dgst -sha256 -hmac "$SECRET" -hex | sed 's/^.* //')
curl ${host}/v1/hooks/${id} \\
  -H "Content-Type: application/json" \\
  -H "X-Signature: $SIGNATURE" \\
  -d "$BODY"`;
}
