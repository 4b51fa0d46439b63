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
  components: {
    // The first choice has the focus, not an empty place before it, which no menu may have.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    // A dialog is no page: its head is no banner.
    Modal: { defaultProps: { attributes: { header: { role: "presentation" } } } },
  },
  fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif",
});

/** What is dangerous: white on Mantine's own red has 3.3:1. */
const red = {
  "--mantine-color-red-filled": "#c92a2a",
  "--mantine-color-red-filled-hover": "#b02525",
};

/**
 * Secondary text, which by itself has 3.3:1 in the light scheme, what warns and what is wrong, which have 3.3 to 3.6:1;
 * and what charts are drawn with.
 */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    ...red,
    "--mantine-color-dimmed": "#5c636a",
    "--mantine-color-placeholder": "#6b7177",
    "--mantine-color-error": "#c92a2a",
    "--mantine-color-orange-light-color": "#9c3a06",
    "--onhand-reservations": "#0b7285",
    "--onhand-changes": "#c2410c",
    "--onhand-grid": "#dee2e6",
  },
  dark: {
    ...red,
    "--mantine-color-dimmed": "#a9abb0",
    "--mantine-color-placeholder": "#96989d",
    "--mantine-color-error": "#ff8787",
    "--onhand-reservations": "#3bbccd",
    "--onhand-changes": "#ffa94d",
    "--onhand-grid": "#3b3b3b",
  },
});
