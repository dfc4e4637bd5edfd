import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import "./ui/mantine.css";
import "./ui/tokens.css";
import "./ui/base.css";
import { App } from "./app/app";
import { startLanguage } from "./i18n/setup";

await startLanguage();
const root = document.getElementById("root");
if (root) createRoot(root).render(<StrictMode><App /></StrictMode>);
