// Chromium of the machine, driven by playwright-core: CHROMIUM_PATH, else the usual places. One for a test process.

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const places = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

function chromiumPath(): string {
  const given = process.env["CHROMIUM_PATH"];
  if (given !== undefined) return given;
  const found = places.find((place) => existsSync(place));
  if (found === undefined) {
    throw new Error("there is no Chromium: apt-get install chromium, or set CHROMIUM_PATH");
  }
  return found;
}

let browser: Promise<Browser> | null = null;

export function theBrowser(): Promise<Browser> {
  browser ??= chromium.launch({
    executablePath: chromiumPath(),
    // Root has no sandbox of its own to give; the pages are ours.
    args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
  });
  return browser;
}

export async function closeBrowser(): Promise<void> {
  await (await browser)?.close();
  browser = null;
}

/** For reports. */
export function chromiumVersion(): string {
  return execFileSync(chromiumPath(), ["--version"], { encoding: "utf8" }).trim();
}
