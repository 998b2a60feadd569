// Open multipart uploads, and one of them with its parts.

import { PAGE, get, inBucket } from "../api.js";
import { box, count, details, empty, exact, h, key, link, mapping, path, size, soft, table, tag, time } from "../dom.js";
import { legend, picture } from "../parts.js";
import { bucketHead, pages } from "./head.js";

export async function showUploads({ names: [bucket], query }) {
  const offset = Number(query.get("offset") ?? 0);
  const { uploads, total } = await get(inBucket(bucket, "uploads"), { offset, limit: PAGE });
  const columns = [["Key", "key-cell"], ["Parts", "number"], ["Size", "number"], ["Initiated", "fixed"], ["Upload id", "key-cell mono"]];
  const rows = uploads.map((upload) => [
    link(`${path("buckets", bucket, "upload")}?${new URLSearchParams({ id: upload.id })}`, key(upload.key)),
    upload.parts.toLocaleString("en"),
    size(upload.size),
    time(upload.initiated),
    upload.id,
  ]);
  return {
    title: `${bucket}: uploads`,
    nodes: [
      bucketHead(bucket, "uploads"),
      rows.length ? table(count(total, "open upload"), columns, rows) : empty("No multipart upload is open in this bucket."),
      pages(total, offset, (to) => `${path("buckets", bucket, "uploads")}?offset=${to}`),
    ],
  };
}

export async function showUpload({ names: [bucket], query }) {
  const upload = await get(inBucket(bucket, "upload"), { id: query.get("id") });
  const offset = Number(query.get("offset") ?? 0);
  const gaps = upload.gaps.map(([first, last]) => (first === last ? `${first}` : `${first} to ${last}`));
  const again = upload.parts.filter((part) => part.overwritten.length);
  const columns = [["Part", "number"], ["Size", "number"], ["Remarks", "fixed"], ["Last modified", "fixed"], ["ETag", "mono"], ["Checksum", "mono"]];
  const rows = upload.parts.slice(offset, offset + PAGE).map((part, index) => [
    part.number.toLocaleString("en"),
    exact(part.size),
    [
      isSmall(part, offset + index, upload) ? tag("smaller than a part may be, unless it is the last", "bad") : null,
      part.overwritten.length ? tag(`overwritten ${part.overwritten.length === 1 ? "once" : `${part.overwritten.length} times`}`, "note") : null,
      part.overwritten.map((call) => [" ", link(path("calls", call.call), `#${call.call}`)]),
    ],
    time(part.last_modified),
    part.etag,
    part.checksum ? `${part.checksum.algorithm} ${part.checksum.value}` : "",
  ]);
  const { complete } = upload;
  return {
    title: `Upload of ${upload.key}`,
    nodes: [
      h("p", { class: "crumbs" }, link("/", "Buckets"), " / ", link(path("buckets", bucket, "uploads"), key(bucket)), " /"),
      h("h1", {}, soft("Upload of "), key(upload.key)),
      details([
        ["Upload id", h("code", {}, upload.id)],
        ["Initiated", [time(upload.initiated), " by ", upload.initiator || "anonymous"]],
        ["Size so far", exact(upload.size)],
        ["Checksum", upload.checksum_algorithm && `${upload.checksum_algorithm}, ${upload.checksum_type}`],
        ["Storage class", upload.storage_class],
        ["Headers", mapping(upload.headers)],
        ["Metadata", mapping(upload.metadata)],
        ["Tags", mapping(upload.tags)],
        ["Encryption", mapping(upload.encryption)],
      ]),
      h("h2", {}, "If it were completed with all its parts"),
      complete.error
        ? box("bad", h("p", {}, h("strong", {}, complete.error), ": ", complete.message ?? ""), mapping(complete.details))
        : box("good", h("p", {}, `One object of ${exact(complete.size)} from ${count(complete.parts, "part")}, ETag `, h("code", {}, complete.etag), ".")),
      h("h2", {}, "Parts"),
      rows.length === 0 ? empty("No part has been uploaded.") : [
        picture(upload.parts, upload.gaps, upload.min_part_size),
        legend(true),
        gaps.length ? h("p", { id: "gaps" }, `No part has the number ${gaps.slice(0, 20).join(", ")}${gaps.length > 20 ? ", …" : ""}. S3 allows gaps${upload.checksum_type === "COMPOSITE" ? ", but not with a COMPOSITE checksum" : ""}.`) : null,
        again.length ? h("p", { id: "again" }, `Overwritten: part ${again.slice(0, 20).map((part) => part.number).join(", ")}${again.length > 20 ? ", …" : ""}. The last upload of a part number counts.`) : null,
        table(count(upload.parts.length, "part"), columns, rows),
        pages(upload.parts.length, offset, (to) => `${path("buckets", bucket, "upload")}?${new URLSearchParams({ id: upload.id, offset: to })}`),
      ],
    ],
  };
}

const isSmall = (part, index, upload) => part.size < upload.min_part_size && index < upload.parts.length - 1;
