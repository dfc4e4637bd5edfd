// Starts the real binary on a data folder of its own, and stops what it started.
import { execFileSync, spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, renameSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const binary = process.env.DANGOL_BINARY ?? path.resolve(here, "../../bin/dangol");

async function freePort() {
  const probe = createServer();
  await new Promise((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

async function answers(url, child) {
  for (let attempt = 0; attempt < 150; attempt++) {
    if (child.exitCode !== null) throw new Error(`dangol serve ended with ${child.exitCode}`);
    try {
      if ((await fetch(`${url}/v1/status`)).ok) return;
    } catch {
      // It is not listening yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error("dangol serve did not answer within 30 seconds");
}

// The simulated shop is the same each time: it is made once for a binary, and copied.
function simulatedShop(data) {
  const { size, mtimeMs } = statSync(binary);
  const made = path.join(tmpdir(), `dangol-e2e-shop-${size}-${Math.round(mtimeMs)}`);
  if (!existsSync(made)) {
    const folder = mkdtempSync(path.join(tmpdir(), "dangol-e2e-shop-"));
    execFileSync(binary, ["demo", "--no-serve", "--data", path.join(folder, "data")], { stdio: ["ignore", "ignore", "inherit"] });
    renameSync(path.join(folder, "data"), made);
    rmSync(folder, { recursive: true, force: true });
  }
  cpSync(made, data, { recursive: true });
}

/** A server with a simulated shop, or with nothing in it. DANGOL_E2E_URL names one that runs already and holds data. */
export async function startServer({ simulated }) {
  if (simulated && process.env.DANGOL_E2E_URL) return { url: process.env.DANGOL_E2E_URL.replace(/\/$/, ""), stop: () => {} };
  if (!existsSync(binary)) throw new Error(`there is no ${binary}: run \`make build\`, or set DANGOL_BINARY`);
  const folder = mkdtempSync(path.join(tmpdir(), "dangol-e2e-"));
  const data = path.join(folder, "data");
  if (simulated) simulatedShop(data);
  const url = `http://127.0.0.1:${await freePort()}`;
  const child = spawn(binary, ["serve", "--data", data, "--addr", url.slice("http://".length)], { stdio: "ignore" });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await answers(url, child);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, stop };
}
