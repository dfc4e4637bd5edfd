// What the tests of the live screens share: a way to send, and how to wait on a page whose line stays open.

/** Sends events as a client would, with a key that may do nothing else, and waits until all are through. */
export async function sender(url, name) {
  const made = await (await fetch(`${url}/v1/keys`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ name, scope: "collect" }) })).json();
  return async (batch) => {
    const answer = await fetch(`${url}/v1/batch`, { method: "POST", headers: { "Content-Type": "application/json", Authorization: `Basic ${btoa(`${made.secret}:`)}` }, body: JSON.stringify({ batch }) });
    if (answer.status !== 200) throw new Error(`the events were answered with ${answer.status}: ${await answer.text()}`);
    for (let n = 0; n < 100; n++) {
      if ((await (await fetch(`${url}/v1/events/summary`)).json()).lag === 0) return;
      await new Promise((done) => setTimeout(done, 100));
    }
    throw new Error("the events were not through within 10 seconds");
  };
}

/** A page that listens is never without a request: it has settled when nothing is grey. */
export async function settled(page) {
  await page.waitForFunction(() => !document.querySelector("main [aria-busy='true']"));
  await page.evaluate(() => document.fonts.ready);
}

/** What the browser itself says of a line that the test cut by leaving. */
export function quiet(complaints) {
  return complaints.filter((text) => !/ERR_(?:INCOMPLETE_CHUNKED_ENCODING|NETWORK_CHANGED)/.test(text));
}
