// The inspector: shows one fake in a browser. It uses the control API and nothing else.

import { get } from "./api.js";
import { $, guarded } from "./dom.js";
import { startLive } from "./live.js";
import { startRouter } from "./router.js";
import { showAccess, showBucketAccess } from "./views/access.js";
import { showBuckets, showConfiguration, showObjects } from "./views/buckets.js";
import { showCall, showCalls } from "./views/calls.js";
import { showClock } from "./views/clock.js";
import { showEvents } from "./views/events.js";
import { showFaults } from "./views/faults.js";
import { showNotifications } from "./views/notifications.js";
import { showObject } from "./views/object.js";
import { showSettings } from "./views/settings.js";
import { showSnapshots } from "./views/snapshots.js";
import { showUpload, showUploads } from "./views/uploads.js";

// Path -> view, and whether it is shown again when calls were handled. {} is one name.
const VIEWS = [
  ["", showBuckets, true],
  ["buckets/{}", showObjects, true],
  ["buckets/{}/object", showObject, true],
  ["buckets/{}/uploads", showUploads, true],
  ["buckets/{}/upload", showUpload, true],
  ["buckets/{}/configuration", showConfiguration, true],
  ["buckets/{}/access", showBucketAccess, true],
  ["calls", showCalls, true],
  ["calls/{}", showCall, false],
  ["events", showEvents, true],
  ["access", showAccess, false],
  ["faults", showFaults, true],
  ["clock", showClock, false],
  ["snapshots", showSnapshots, true],
  ["notifications", showNotifications, true],
  ["settings", showSettings, false],
];

document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault(); // the address after # is that of a view
  $("main").focus();
});

guarded(async () => {
  const { version } = await get("health");
  $("version").textContent = version;
  const newest = (await get("calls", { limit: 1 })).calls[0]?.number ?? 0;
  await startRouter(VIEWS);
  startLive(newest);
});
