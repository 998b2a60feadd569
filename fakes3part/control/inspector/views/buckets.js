// Buckets, their keys and configurations.

import { PAGE, get, inBucket } from "../api.js";
import { count, details, empty, field, form, h, json, key, link, path, size, soft, table, tag, time } from "../dom.js";
import { go } from "../router.js";
import { bucketHead } from "./head.js";

export async function showBuckets() {
  const { buckets } = await get("buckets");
  const columns = [["Name", "key-cell"], ["Objects", "number"], ["Open uploads", "number"], ["Versioning", ""], ["Region", "fixed"], ["Account", "fixed"], ["Created", "fixed"]];
  const rows = buckets.slice(0, 2000).map((bucket) => [
    link(path("buckets", bucket.name), key(bucket.name)),
    bucket.objects.toLocaleString("en"),
    bucket.uploads ? link(path("buckets", bucket.name, "uploads"), bucket.uploads.toLocaleString("en")) : "0",
    bucket.versioning ?? soft("never enabled"),
    bucket.region,
    bucket.account,
    time(bucket.created),
  ]);
  const example = `aws --endpoint-url ${location.origin} s3 mb s3://bucket`;
  return {
    title: "Buckets",
    nodes: [
      h("h1", {}, "Buckets"),
      rows.length ? table(count(buckets.length, "bucket"), columns, rows) : empty("There is no bucket yet. Any S3 client can create one:", h("pre", {}, example)),
    ],
  };
}

export async function showObjects({ names: [bucket], query }) {
  const prefix = query.get("prefix") ?? "";
  const after = query.get("after");
  const page = await get(inBucket(bucket, "objects"), { prefix, after, limit: PAGE });
  const here = (changes) => `${path("buckets", bucket)}?${new URLSearchParams(Object.entries({ prefix, ...changes }).filter(([, value]) => value))}`;
  const columns = [["Key", "key-cell"], ["Size", "number"], ["Versions", "number"], ["Last modified", "fixed"], ["Storage class", "fixed"], ["ETag", "mono"]];
  const rows = page.objects.map((object) => [
    link(`${path("buckets", bucket, "object")}?${new URLSearchParams({ key: object.key })}`, key(object.key)),
    object.delete_marker ? tag("delete marker", "note") : size(object.size),
    object.versions,
    time(object.last_modified),
    object.storage_class,
    object.etag,
  ]);
  const caption = `${count(rows.length, "key")}${rows.length === 1 ? "" : "s"}${after ? " of this page" : ""}; the bucket has ${count(page.total, "object")}`;
  return {
    title: bucket,
    nodes: [
      bucketHead(bucket, ""),
      form({ role: "search" }, (values) => go(here({ prefix: values.prefix ?? "" })), field("Keys that begin with", "prefix", { value: prefix, id: "prefix" }), h("button", {}, "Show")),
      rows.length ? table(caption, columns, rows) : empty(prefix ? "No key begins with this." : "The bucket is empty."),
      h("nav", { class: "pages", "aria-label": "Pages" }, after ? link(here({}), "First page") : null, page.next === null ? null : link(here({ after: page.next }), "Next page")),
    ],
  };
}

export async function showConfiguration({ names: [bucket] }) {
  const { configuration } = await get(inBucket(bucket, "configuration"));
  const entries = Object.entries(configuration).map(([name, value]) => {
    const isText = typeof value === "string";
    const shown = name === "policy" ? json(prettyJson(value)) : isText ? key(value) : json(value);
    return [h("code", {}, name), shown];
  });
  return {
    title: `${bucket}: configuration`,
    nodes: [bucketHead(bucket, "configuration"), h("p", {}, "By the names of ", h("code", {}, `fakes3.buckets[…].configuration`), "; what is not here is not set."), details(entries)],
  };
}

function prettyJson(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
