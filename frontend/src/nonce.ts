/** The word by which the page lets its own scripts write styles: it is another one with each page that is served. */
const meta =
  typeof document === "undefined"
    ? null
    : document.querySelector<HTMLMetaElement>('meta[name="style-nonce"]');

export const nonce = meta?.nonce ?? "";

// What keeps the page still behind a dialog asks for it by this name.
Object.assign(globalThis, { __webpack_nonce__: nonce || undefined });
