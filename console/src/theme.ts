// The look: one accent with shades that keep 4.5:1 against what they stand on, in both schemes (Mantine's own
// defaults do not), and components set once instead of at each use.

import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";

const teal: MantineColorsTuple = [
  "#e3fafc",
  "#c5f0f5",
  "#99e1ea",
  "#66d0de",
  "#3bbccd",
  "#1aa3b5",
  "#0b7285",
  "#0a6374",
  "#095565",
  "#064350",
];

export const theme = createTheme({
  colors: { teal },
  primaryColor: "teal",
  primaryShade: { light: 6, dark: 6 },
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
  fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif",
});

/** Secondary text, which by itself has 3.3:1 in the light scheme; and what charts are drawn with. */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": "#5c636a",
    "--mantine-color-placeholder": "#6b7177",
    "--onhand-reservations": "#0b7285",
    "--onhand-changes": "#c2410c",
    "--onhand-grid": "#dee2e6",
  },
  dark: {
    "--mantine-color-dimmed": "#a9abb0",
    "--mantine-color-placeholder": "#96989d",
    "--onhand-reservations": "#3bbccd",
    "--onhand-changes": "#ffa94d",
    "--onhand-grid": "#3b3b3b",
  },
});
