// Follows the journal's server-sent events, and shows the page again when calls were handled.

import { send } from "./api.js";
import { $, showError } from "./dom.js";
import { isTyping, refresh, shown } from "./router.js";
import { addCalls } from "./views/calls.js";

let stream = null;
let last = null;

/** Read the journal's server-sent events, and show what is new. Ends when `stream` is aborted. */
async function follow() {
  const controller = (stream = new AbortController());
  while (!controller.signal.aborted) {
    try {
      const response = await send("GET", "calls/stream", { query: { since: last }, signal: controller.signal });
      $("live").title = "";
      await apply(parseEvents(await response.text()));
      await pause(200);
    } catch (error) {
      if (error.name === "AbortError") return;
      $("live").title = error.message;
      announceOnce(error.message);
      await pause(2000);
    }
  }
}

let lastTrouble = "";
function announceOnce(message) {
  if (message !== lastTrouble) showError(new Error(message));
  lastTrouble = message;
}

const pause = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

/** Return the events of a text/event-stream: {id, event, data}. */
function parseEvents(text) {
  return text.split("\n\n").filter(Boolean).map((block) => {
    const event = { event: "message", data: "" };
    for (const line of block.split("\n")) {
      const [name, ...value] = line.split(": ");
      if (name !== "") event[name] = value.join(": ");
    }
    return event;
  });
}

async function apply(events) {
  lastTrouble = "";
  for (const event of events) if (event.id !== undefined) last = Number(event.id);
  const calls = events.filter((event) => event.event === "call").map((event) => JSON.parse(event.data));
  const wasCleared = events.some((event) => event.event === "clear");
  if (calls.length === 0 && !wasCleared) return;
  if (shown.isNewest && !wasCleared) await addCalls(calls);
  else if (shown.isLive && !isTyping()) await refresh();
}

/** Follow the journal from the call with this number on, until the button is pressed. */
export function startLive(number) {
  last = number;
  $("live").addEventListener("click", () => {
    const isOn = stream === null;
    $("live").setAttribute("aria-pressed", String(isOn));
    if (isOn) {
      follow();
      refresh();
    } else {
      stream.abort();
      stream = null;
    }
  });
  follow();
}
