/** Colours, sizes and defaults of the one component kit. */
import {
  ActionIcon,
  Button,
  type CSSVariablesResolver,
  createTheme,
  Drawer,
  Input,
  type MantineColorsTuple,
  Menu,
  Modal,
  Paper,
  Select,
  Tooltip,
} from "@mantine/core";

const ink: MantineColorsTuple = [
  "#eef1ff",
  "#dde3fb",
  "#b9c3f1",
  "#93a2ea",
  "#7487e4",
  "#5c70dc",
  "#4a5ed6",
  "#3b4dbf",
  "#3344ab",
  "#283897",
];

const red: MantineColorsTuple = [
  "#fff0f0",
  "#ffe0e1",
  "#ffc3c5",
  "#ff9da1",
  "#f7777c",
  "#ec5f65",
  "#d2363b",
  "#c02a30",
  "#a82228",
  "#8c1b21",
];

const dark: MantineColorsTuple = [
  "#e4e7ee",
  "#c3c9d6",
  "#9ba4b7",
  "#737d92",
  "#353c4a",
  "#282e3a",
  "#1e232d",
  "#14181f",
  "#0f1218",
  "#0a0c11",
];

export const theme = createTheme({
  primaryColor: "ink",
  primaryShade: { light: 7, dark: 6 },
  colors: { ink, red, dark },
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: "'JetBrains Mono Variable', ui-monospace, monospace",
  fontSizes: { xs: "12px", sm: "13px", md: "14px", lg: "16px", xl: "20px" },
  spacing: { xs: "4px", sm: "8px", md: "12px", lg: "16px", xl: "24px" },
  defaultRadius: 6,
  headings: { fontWeight: "600", sizes: { h1: { fontSize: "18px", lineHeight: "1.3" } } },
  components: {
    Button: Button.extend({ defaultProps: { size: "xs" } }),
    ActionIcon: ActionIcon.extend({ defaultProps: { variant: "subtle", color: "gray" } }),
    Input: Input.extend({ defaultProps: { size: "xs" } }),
    InputWrapper: Input.Wrapper.extend({ defaultProps: { size: "sm" } }),
    Select: Select.extend({ defaultProps: { comboboxProps: { shadow: "md" } } }),
    Menu: Menu.extend({ defaultProps: { shadow: "md", position: "bottom-end" } }),
    Modal: Modal.extend({
      defaultProps: {
        centered: true,
        overlayProps: { backgroundOpacity: 0.4 },
        closeButtonProps: { "aria-label": "Close" },
      },
    }),
    Drawer: Drawer.extend({ defaultProps: { closeButtonProps: { "aria-label": "Close" } } }),
    Paper: Paper.extend({ defaultProps: { withBorder: true, p: "md" } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 250, withinPortal: true } }),
  },
});

export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": "#596273",
    "--mantine-color-placeholder": "#6b7485",
    "--mantine-color-text": "#1a1f2b",
    "--mantine-color-default-border": "#dfe3ea",
  },
  dark: {
    "--mantine-color-dimmed": "#9ba4b7",
    "--mantine-color-placeholder": "#8b94a7",
    "--mantine-color-default-border": "#2c3340",
    "--mantine-color-error": "#ff8f8f",
  },
});
