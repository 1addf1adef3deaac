// What the modules under test find in a browser when they are loaded.
const empty = { getItem: () => null, setItem: () => undefined, removeItem: () => undefined };
Object.assign(globalThis, { localStorage: empty, sessionStorage: empty, location: { hash: "" }, addEventListener: () => undefined });
Object.defineProperty(globalThis, "navigator", { value: { language: "en-GB", onLine: true }, configurable: true });
