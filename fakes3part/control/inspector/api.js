// Requests to the control API, and nothing else.

import { $ } from "./dom.js";

const API = new URL("..", import.meta.url);

export const PAGE = 100;

let askedForToken = null;

async function askForToken() {
  askedForToken ??= new Promise((resolve) => {
    const dialog = $("token");
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    dialog.addEventListener("close", () => {
      sessionStorage.setItem("fakes3part-token", $("token-value").value);
      $("token-value").value = "";
      askedForToken = null;
      resolve();
    }, { once: true });
    dialog.showModal();
  });
  return askedForToken;
}

/** Send a request to the control API, and return the response. Asks for the token if the fake wants one. */
export async function send(method, name, { query = {}, body = undefined, signal = undefined } = {}) {
  const url = new URL(name, API);
  for (const [parameter, value] of Object.entries(query)) if (value !== null && value !== undefined && value !== "") url.searchParams.set(parameter, value);
  for (;;) {
    const token = sessionStorage.getItem("fakes3part-token");
    const headers = { ...(token ? { "X-Fakes3part-Token": token } : {}), ...(body === undefined ? {} : { "Content-Type": "application/json" }) };
    let response;
    try {
      response = await fetch(url, { method, headers, signal, cache: "no-store", body: body === undefined ? undefined : JSON.stringify(body) });
    } catch (error) {
      throw error.name === "AbortError" ? error : new Error("The fake does not respond: its process may have ended.");
    }
    if (response.status === 401) {
      await askForToken();
      continue;
    }
    if (!response.ok) {
      const document = await response.json().catch(() => ({}));
      throw new Error(document.error ?? `${response.status} ${response.statusText}`);
    }
    return response;
  }
}

export const get = async (name, query = {}) => (await send("GET", name, { query })).json();
export const post = async (name, body = {}) => (await send("POST", name, { body })).json();
export const remove = async (name) => (await send("DELETE", name)).json();

export const inBucket = (bucket, name) => `buckets/${encodeURIComponent(bucket)}/${name}`;
