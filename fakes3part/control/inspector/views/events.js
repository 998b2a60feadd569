// The records of S3's events, whether a bucket has a notification configuration or not.

import { PAGE, get, remove } from "../api.js";
import { announce, box, button, count, empty, field, form, h, json, key, link, path, size, table, time } from "../dom.js";
import { go, refresh } from "../router.js";
import { pages } from "./head.js";

const FIELDS = [["type", "Type"], ["bucket", "Bucket"], ["key", "Key"]];

/** Return the key of a record, in which it is URL-encoded as in a form. */
const keyOf = (record) => decodeURIComponent(record.s3.object.key.replaceAll("+", " "));

function eventCells(record) {
  const bucket = record.s3.bucket.name;
  return [
    time(record.eventTime),
    record.eventName,
    link(`${path("buckets", bucket, "object")}?${new URLSearchParams({ key: keyOf(record) })}`, key(`${bucket}/${keyOf(record)}`)),
    record.s3.object.size === undefined ? "" : size(record.s3.object.size),
    h("details", {}, h("summary", {}, "Show"), json(record)),
  ];
}

export async function showEvents({ query }) {
  const filters = Object.fromEntries(FIELDS.map(([name]) => [name, query.get(name)]).filter(([, value]) => value));
  const offset = Number(query.get("offset") ?? 0);
  const { events, dropped, error } = await get("events", filters).catch((reason) => ({ events: [], dropped: 0, error: reason.message })); // S3 has no such event
  const columns = [["Time", "fixed"], ["Event", "fixed"], ["Bucket and key", "key-cell"], ["Size", "number"], ["Record", ""]];
  const rows = events.reverse().slice(offset, offset + PAGE).map(eventCells);
  const isFiltered = Object.keys(filters).length > 0;
  const caption = `${count(events.length, "event")}, the latest first${dropped ? `; the ${dropped.toLocaleString("en")} oldest are no longer stored` : ""}`;
  return {
    title: "Events",
    nodes: [
      h("h1", {}, "Events"),
      form({ role: "search" }, (values) => go(`/events?${new URLSearchParams(values)}`),
        FIELDS.map(([name, label]) => field(label, name, { value: filters[name] ?? "", placeholder: name === "type" ? "s3:ObjectCreated:*" : null })),
        h("button", {}, "Filter"), isFiltered ? link("/events", "All events") : null,
        button("Clear the events", async () => { await remove("events"); announce("The events are cleared"); await refresh(); })),
      error ? box("bad", h("p", {}, error)) : null,
      rows.length
        ? [table(caption, columns, rows), pages(events.length, offset, (to) => `/events?${new URLSearchParams({ ...filters, offset: to })}`)]
        : empty(isFiltered ? "No event matches." : "Nothing has happened to an object yet."),
    ],
  };
}
