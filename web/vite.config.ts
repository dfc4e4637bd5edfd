import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// The API that `npm run dev` speaks to: a running `dangol serve`.
const api = process.env["DANGOL_API"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  server: { proxy: { "/v1": api, "/docs": api } },
  build: {
    target: "es2022",
    sourcemap: false,
    // ECharts is the largest piece; it is loaded only by screens that draw with it.
    chunkSizeWarningLimit: 700,
  },
  test: { environment: "node", include: ["src/**/*.test.ts"] },
});
