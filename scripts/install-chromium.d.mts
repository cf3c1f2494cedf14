/** The path of a Chromium or a relative of it, or undefined. `CHROME_PATH` wins. */
export declare const findChromium: () => string | undefined
/** Finds Chromium, and as root on Debian or Ubuntu installs it when there is none. */
export declare const ensureChromium: () => string | undefined
