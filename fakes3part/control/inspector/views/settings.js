// The settings, and the reset.

import { get, post } from "../api.js";
import { announce, button, details, h } from "../dom.js";
import { go } from "../router.js";

export async function showSettings() {
  const config = await get("config");
  return {
    title: "Settings",
    nodes: [h("h1", {}, "Settings"), h("p", {}, "How this fake differs from S3; they are set where it is made."), details(Object.entries(config).map(([name, value]) => [h("code", {}, name), h("code", {}, value === null ? "null" : JSON.stringify(value))])),
      h("h2", {}, "Reset"),
      h("p", {}, "Removes buckets, calls, events and faults; the clock shows the system's time. Accounts, users and snapshots stay."),
      button("Reset the fake", async () => {
        if (!window.confirm("Remove everything that the fake holds?")) return;
        await post("reset");
        announce("The fake is reset");
        go("/");
      })],
  };
}
