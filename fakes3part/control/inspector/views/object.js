// One object with its versions.

import { get, inBucket } from "../api.js";
import { count, details, exact, h, json, key, link, mapping, path, size, soft, table, tag, time, visible2 } from "../dom.js";
import { legend, picture } from "../parts.js";

const versionEntries = (version) => [
  ["Size", version.delete_marker ? null : exact(version.size)],
  ["ETag", version.etag && h("code", {}, version.etag)],
  ["Last modified", time(version.last_modified)],
  ["Storage class", version.storage_class + (version.access_tier ? `, ${version.access_tier}` : "")],
  ["Owner", version.owner || "anonymous"],
  ["Headers", mapping(version.headers)],
  ["Metadata", mapping(version.metadata)],
  ["Tags", mapping(version.tags)],
  ["Checksums", mapping(version.checksums)],
  ["Encryption", mapping(version.encryption)],
  ["Lock", version.lock && json(version.lock)],
  ["ACL", version.acl && json(version.acl)],
  ["Restored copy", version.restore && json(version.restore)],
  ["Replication", version.replication_status],
  ["Annotations", version.annotations?.map((name) => h("div", {}, key(name)))],
];

export async function showObject({ names: [bucket], query }) {
  const name = query.get("key") ?? "";
  const versionId = query.get("version_id");
  const { version, content, versions, version_count: total } = await get(inBucket(bucket, "object"), { key: name, version_id: versionId });
  const of = (id) => `${path("buckets", bucket, "object")}?${new URLSearchParams({ key: name, version_id: id })}`;
  const columns = [["Version", "mono"], ["Kind", "fixed"], ["Size", "number"], ["Last modified", "fixed"], ["ETag", "mono"]];
  const rows = versions.map((each) => [
    link(of(each.version_id), each.version_id),
    [each.is_latest ? tag("current", "good") : null, " ", each.delete_marker ? tag("delete marker", "note") : null],
    each.delete_marker ? "" : size(each.size),
    time(each.last_modified),
    each.etag ?? "",
  ]);
  const parts = version.parts ?? [];
  return {
    title: name,
    nodes: [
      h("p", { class: "crumbs" }, link("/", "Buckets"), " / ", link(path("buckets", bucket), key(bucket)), " /"),
      h("h1", {}, soft(version.delete_marker ? "Delete marker " : "Object "), key(name)),
      h("p", {}, version.is_latest ? null : [tag("an older version", "note"), " "], "Version ", h("code", {}, version.version_id), ". ",
        link(`${path("buckets", bucket, "access")}?${new URLSearchParams({ key: name })}`, "Who may do what with it"), ", ",
        link(`/calls?${new URLSearchParams({ bucket, key: literal(name) })}`, "its calls")),
      details(versionEntries(version)),
      parts.length ? [h("h2", {}, `Uploaded in ${count(parts.length, "part")}`), picture(parts, [], 0), legend(false)] : null,
      version.delete_marker ? null : contentNodes(content, version.size),
      h("h2", {}, "Versions"),
      table(total > versions.length ? `The newest ${versions.length} of ${count(total, "version")}` : count(total, "version"), columns, rows),
    ],
  };
}

/** Return a pattern of the control API that matches one key only. */
const literal = (text) => text.replace(/[[*?]/g, "[$&]");

function contentNodes(content, bytes) {
  const rest = content.truncated ? soft(` (the beginning of ${exact(bytes)})`) : null;
  if (bytes === 0) return [h("h2", {}, "Content"), h("p", { class: "soft" }, "The object has no bytes.")];
  if (content.hex !== undefined) return [h("h2", {}, "Content", soft(" in hexadecimal digits"), rest), h("pre", {}, content.hex)];
  return [h("h2", {}, "Content", rest), h("pre", { id: "content" }, visible2(content.text))];
}
