// Event notifications and their destinations.

import { PAGE, get, post, remove } from "../api.js";
import { button, count, empty, h, json, key, table, tag, time } from "../dom.js";
import { refresh } from "../router.js";
import { pages } from "./head.js";

export async function showNotifications({ query }) {
  const offset = Number(query.get("offset") ?? 0);
  const [{ notifications }, { destinations }] = await Promise.all([get("notifications"), get("destinations")]);
  const kinds = { delivered: "good", failed: "bad", pending: "note" };
  const columns = [["No.", "number"], ["Event", "fixed"], ["Bucket and key", "key-cell"], ["Destination", "key-cell"], ["Status", ""], ["Time", "fixed"], ["Message", ""]];
  const rows = notifications.reverse().slice(offset, offset + PAGE).map((sent) => [
    sent.number,
    sent.event,
    key(sent.key ? `${sent.bucket}/${sent.key}` : sent.bucket),
    key(sent.destination),
    [tag(sent.status, kinds[sent.status] ?? ""), sent.error ? h("div", {}, key(sent.error)) : null],
    time(sent.time),
    h("details", {}, h("summary", {}, "Show"), json(sent.message ?? sent)),
  ]);
  const isWaiting = notifications.some((sent) => sent.status === "pending");
  return {
    title: "Notifications",
    nodes: [
      h("h1", {}, "Notifications"),
      rows.length ? [table(count(notifications.length, "notification"), columns, rows), pages(notifications.length, offset, (to) => `/notifications?offset=${to}`)] : empty("No event notification has been sent. Buckets with a notification configuration send them."),
      h("p", { class: "row" }, isWaiting ? button("Deliver what is pending", async () => { await post("notifications/deliver_pending"); await refresh(); }) : null,
        rows.length ? button("Clear the notifications", async () => { await remove("notifications"); await refresh(); }) : null),
      h("h2", {}, "Destinations"),
      destinations.length ? table(count(destinations.length, "destination"), [["ARN", "key-cell"], ["Receiver", "key-cell"]], destinations.map(({ arn, ...receiver }) => [key(arn), key(Object.values(receiver).join(" "))])) : h("p", { class: "soft" }, "None is registered: notifications are only recorded."),
    ],
  };
}
