import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from "@mantine/core";

// Celadon, the green of Goryeo pottery: the brand's one strong colour.
const celadon: MantineColorsTuple = [
  "#eaf5f2", "#d5e9e3", "#a9d3c8", "#7bbcac", "#56a995", "#3c9c87", "#14655a", "#11584e", "#0d4a42", "#083b34",
];

export const theme = createTheme({
  fontFamily: "var(--font)",
  fontFamilyMonospace: "var(--font-mono)",
  primaryColor: "celadon",
  primaryShade: 6,
  colors: { celadon },
  defaultRadius: "sm",
  radius: { sm: "6px", md: "10px" },
  cursorType: "pointer",
  respectReducedMotion: true,
});

/** Mantine's own variables, tied to the tokens, so that both speak of the same colours. */
export const variables: CSSVariablesResolver = () => ({
  variables: {
    "--mantine-color-body": "var(--paper)",
    "--mantine-color-text": "var(--ink)",
    "--mantine-color-dimmed": "var(--ink-3)",
    "--mantine-color-placeholder": "var(--ink-3)",
    "--mantine-color-default": "var(--surface)",
    "--mantine-color-default-hover": "var(--sunken)",
    "--mantine-color-default-color": "var(--ink)",
    "--mantine-color-default-border": "var(--line-strong)",
    "--mantine-primary-color-filled": "var(--brand)",
    "--mantine-primary-color-contrast": "var(--brand-ink)",
    "--mantine-shadow-md": "var(--shadow-float)",
  },
  light: {},
  dark: {},
});
