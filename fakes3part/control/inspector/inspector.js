// The inspector: shows one fake in a browser. It uses the control API and nothing else.
//
// All text from the fake (keys, headers, messages) becomes text nodes and attributes, never markup: see `h`. A view is a function
// (parameters) -> the title and the nodes of the page; `VIEWS` at the end maps the paths after # to views.

const API = new URL(".", import.meta.url);
const PAGE = 100;
const $ = (id) => document.getElementById(id);

// --- building the page -----------------------------------------------------------------------------------------------

/** Return an element. Attributes: `on...` are listeners, `class` and others are attributes; null and false leave one out. */
function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat(9).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufffe\uffff]/g;

/** Return a name as nodes in which characters that cannot be seen, or change the direction, are written as \u....; */
function visible(text) {
  const nodes = [];
  let end = 0;
  for (const match of String(text).matchAll(HIDDEN)) {
    const code = `\\u${match[0].charCodeAt(0).toString(16).padStart(4, "0")}`;
    nodes.push(text.slice(end, match.index), h("span", { class: "escaped" }, code));
    end = match.index + 1;
  }
  nodes.push(String(text).slice(end));
  return nodes;
}

const key = (text) => h("bdi", { class: "key" }, visible(text));
const link = (path, ...children) => h("a", { href: `#${path}` }, ...children);
const soft = (...children) => h("span", { class: "soft" }, ...children);
const tag = (text, kind = "") => h("span", { class: `tag ${kind}` }, text);
const count = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : noun.endsWith("y") ? "" : "s"}`;
const path = (...parts) => `/${parts.map(encodeURIComponent).join("/")}`;
const json = (value) => h("pre", {}, typeof value === "string" ? visible2(value) : visible2(JSON.stringify(value, null, 2)));

/** As `visible`, with line ends and tabs as they are. */
function visible2(text) {
  return text.split(/([\n\t])/).map((piece) => (piece === "\n" || piece === "\t" ? piece : visible(piece)));
}

function size(bytes) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  let value = bytes;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return unit === 0 ? `${bytes} B` : `${value < 10 ? value.toFixed(1).replace(/\.0$/, "") : Math.round(value)} ${units[unit]}`;
}

const exact = (bytes) => (bytes < 1024 ? count(bytes, "byte") : `${bytes.toLocaleString("en")} bytes (${size(bytes)})`);

/** Return a time of the API without microseconds: 2026-11-30 19:08:53 UTC. */
function time(text) {
  const short = text.replace(/\.\d+/, "").replace("T", " ").replace(/(\+00:00|Z)$/, "");
  return h("time", { datetime: text, title: text }, short);
}

/** Return a table. Columns: [title, class]; rows: arrays of cells, of which the first is the row's header. */
function table(caption, columns, rows, attributes = {}) {
  const head = columns.map(([title, kind]) => h("th", { scope: "col", class: kind }, title));
  const lines = rows.map((row) => tableRow(columns, row));
  const content = h("table", {}, h("caption", {}, caption), h("thead", {}, h("tr", {}, head)), h("tbody", attributes, lines));
  return h("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": caption }, content);
}

function tableRow(columns, row, attributes = {}) {
  const cells = row.map((cell, index) =>
    index === 0 ? h("th", { scope: "row", class: columns[index][1] }, cell) : h("td", { class: columns[index][1] }, cell),
  );
  return h("tr", attributes, cells);
}

function details(entries) {
  const shown = entries.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return h("dl", {}, shown.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
}

const mapping = (values) =>
  Object.keys(values ?? {}).length === 0
    ? null
    : Object.entries(values).map(([name, value]) => h("div", {}, key(name), ": ", key(typeof value === "string" ? value : JSON.stringify(value))));

const empty = (...children) => h("div", { class: "empty" }, children.map((child) => (typeof child === "string" ? h("p", {}, child) : child)));
const box = (kind, ...children) => h("div", { class: `box ${kind}` }, children);

function field(label, name, attributes = {}) {
  return h("label", {}, label, h("input", { name, autocomplete: "off", spellcheck: "false", ...attributes }));
}

/** Return a select. Options: values, or [value, text]. */
function choice(label, name, options, selected = null) {
  const items = options.map((option) => (Array.isArray(option) ? option : [option, option]));
  return h("label", {}, label, h("select", { name }, items.map(([value, text]) => h("option", { value, selected: value === selected }, text))));
}

/** Return a form whose values, without empty ones, are passed to a function when it is submitted. */
function form(attributes, onsubmit, ...children) {
  const listener = (event) => {
    event.preventDefault();
    const values = Object.fromEntries([...new FormData(event.target)].filter(([, value]) => value !== ""));
    guarded(() => onsubmit(values, event.target));
  };
  return h("form", { class: "row", ...attributes, onsubmit: listener }, ...children);
}

const button = (text, onclick, attributes = {}) => h("button", { type: "button", ...attributes, onclick: () => guarded(onclick) }, text);

function announce(text) {
  $("announcer").textContent = text;
}

function showError(error) {
  $("alert").replaceChildren(error.message, h("button", { type: "button", onclick: () => $("alert").replaceChildren() }, "Close"));
}

/** Call a function, and show the error that it throws. */
async function guarded(work) {
  $("alert").replaceChildren();
  try {
    return await work();
  } catch (error) {
    if (error.name !== "AbortError") showError(error);
    return undefined;
  }
}

// --- the control API -------------------------------------------------------------------------------------------------

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
async function send(method, name, { query = {}, body = undefined, signal = undefined } = {}) {
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

const get = async (name, query = {}) => (await send("GET", name, { query })).json();
const post = async (name, body = {}) => (await send("POST", name, { body })).json();
const remove = async (name) => (await send("DELETE", name)).json();
const inBucket = (bucket, name) => `buckets/${encodeURIComponent(bucket)}/${name}`;

// --- buckets, objects, versions --------------------------------------------------------------------------------------

async function showBuckets() {
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

function bucketHead(name, current) {
  const tabs = [["Objects", ""], ["Uploads", "uploads"], ["Configuration", "configuration"], ["Access", "access"]];
  return [
    h("p", { class: "crumbs" }, link("/", "Buckets"), " /"),
    h("h1", {}, soft("Bucket "), key(name)),
    h("nav", { class: "tabs", "aria-label": "Bucket" }, h("ul", {}, tabs.map(([text, tab]) =>
      h("li", {}, h("a", { href: `#${path("buckets", name, ...(tab ? [tab] : []))}`, "aria-current": tab === current ? "page" : null }, text)),
    ))),
  ];
}

async function showObjects({ names: [bucket], query }) {
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

async function showObject({ names: [bucket], query }) {
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

async function showConfiguration({ names: [bucket] }) {
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

// --- uploads ---------------------------------------------------------------------------------------------------------

async function showUploads({ names: [bucket], query }) {
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

function pages(total, offset, to) {
  if (total <= PAGE) return null;
  const last = Math.min(offset + PAGE, total);
  return h("nav", { class: "pages", "aria-label": "Pages" },
    `${(offset + 1).toLocaleString("en")} to ${last.toLocaleString("en")} of ${total.toLocaleString("en")}`,
    offset > 0 ? link(to(Math.max(0, offset - PAGE)), "Previous page") : null,
    last < total ? link(to(offset + PAGE), "Next page") : null);
}

async function showUpload({ names: [bucket], query }) {
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

/** Return parts as a bar: the width of each is its size, gaps are hatched. Of many parts, neighbours share a piece. */
function picture(parts, gaps, minimum) {
  const each = Math.ceil(parts.length / 150);
  const total = parts.reduce((sum, part) => sum + part.size, 0) || 1;
  const before = new Map(gaps.map(([first, last]) => [last + 1, [first, last]]));
  const pieces = [];
  for (let start = 0; start < parts.length; start += each) {
    const group = parts.slice(start, start + each);
    const gap = group.map((part) => before.get(part.number)).find(Boolean);
    if (gap) pieces.push(h("span", { class: "gap", title: gap[0] === gap[1] ? `no part ${gap[0]}` : `no parts ${gap[0]} to ${gap[1]}` }));
    const sum = group.reduce((bytes, part) => bytes + part.size, 0);
    const small = group.some((part, index) => part.size < minimum && start + index < parts.length - 1);
    const kinds = [group.some((part) => part.overwritten?.length) ? "again" : "", small ? "small" : ""].join(" ").trim();
    const [first, last] = [group[0].number, group[group.length - 1].number];
    const piece = h("span", { class: kinds || null, title: `${first === last ? `part ${first}` : `parts ${first} to ${last}`}: ${size(sum)}` }, parts.length <= 40 && sum / total > 0.02 ? first : "");
    piece.style.flexGrow = String(Math.max(sum / total, 0.001));
    pieces.push(piece);
  }
  const summary = `${count(parts.length, "part")} of ${exact(parts.reduce((sum, part) => sum + part.size, 0))}${gaps.length ? `, ${count(gaps.length, "gap")} between their numbers` : ""}`;
  return h("div", { class: "picture", role: "img", "aria-label": summary }, pieces);
}

function legend(open) {
  const entries = [["", "a part, as wide as its bytes"], ...(open ? [["again", "overwritten"], ["small", "smaller than a part may be"], ["gap", "numbers without a part"]] : [])];
  return h("ul", { class: "legend", "aria-hidden": "true" }, entries.map(([kind, text]) => h("li", {}, h("i", { class: kind }), text)));
}

// --- the journal -----------------------------------------------------------------------------------------------------

const CALL_COLUMNS = [["Call", "number"], ["Operation", "fixed"], ["Bucket and key", "key-cell"], ["Status", "fixed"], ["In", "number"], ["Out", "number"], ["ms", "number"], ["Remarks", ""]];
const FILTERS = ["operation", "bucket", "key", "status", "error", "access_key"];

function callCells(call) {
  const target = call.bucket === null ? call.path : call.key === null ? call.bucket : `${call.bucket}/${call.key}`;
  return [
    link(path("calls", call.number), `#${call.number}`),
    call.operation ?? soft(`${call.method} (unknown)`),
    [key(target), call.part_number ? soft(` part ${call.part_number}`) : null],
    call.error ? [tag(call.status, "bad"), " ", call.error] : tag(call.status, "good"),
    call.bytes_in ? size(call.bytes_in) : "",
    call.bytes_out ? size(call.bytes_out) : "",
    (call.duration * 1000).toFixed(1),
    [
      call.fault ? tag(`fault: ${call.fault}`, "note") : null,
      call.attempt > 1 ? tag(`attempt ${call.attempt}`, "note") : null,
      call.leniences.length ? tag(`lenient: ${call.leniences.join(", ")}`, "note") : null,
      call.caller === "anonymous" ? tag("anonymous") : null,
    ],
  ];
}

async function showCalls({ query }) {
  const filters = Object.fromEntries(FILTERS.map((name) => [name, query.get(name)]).filter(([, value]) => value));
  const before = query.get("before");
  const { calls, dropped } = await get("calls", { ...filters, before, limit: PAGE });
  const here = (changes) => `/calls?${new URLSearchParams(Object.entries({ ...filters, ...changes }).filter(([, value]) => value))}`;
  const rows = calls.reverse().map((call) => callCells(call));
  const oldest = calls.at(-1)?.number;
  const isFiltered = Object.keys(filters).length > 0;
  const names = [["operation", "Operation"], ["bucket", "Bucket"], ["key", "Key"], ["status", "Status"], ["error", "Error code"], ["access_key", "Access key"]];
  const patterns = new Set(["operation", "bucket", "key"]);
  const caption = `${isFiltered ? "Calls that match" : "Calls"}, the latest first${dropped ? `; the journal no longer stores the ${dropped.toLocaleString("en")} oldest` : ""}`;
  return {
    title: "Journal",
    isNewest: !before && !isFiltered,
    nodes: [
      h("h1", {}, "Journal"),
      form({ role: "search" }, (values) => go(here({ ...Object.fromEntries(FILTERS.map((name) => [name, ""])), ...values })),
        names.map(([name, label]) => field(label, name, { value: filters[name] ?? "", size: name === "key" ? 20 : 12, placeholder: patterns.has(name) ? "name or pattern*" : null, inputmode: name === "status" ? "numeric" : null, pattern: name === "status" ? "[0-9]*" : null })),
        h("button", {}, "Filter"), isFiltered ? link("/calls", "All calls") : null,
        button("Clear the journal", async () => { await remove("calls"); await refresh(); })),
      rows.length ? table(caption, CALL_COLUMNS, rows, { id: "calls" }) : empty(isFiltered || before ? "No call matches." : "No request has been made yet. They appear here as they are handled."),
      h("nav", { class: "pages", "aria-label": "Pages" }, before ? link(here({}), "Latest calls") : null, calls.length === PAGE && oldest > 1 ? link(here({ before: oldest }), "Older calls") : null),
    ],
  };
}

/** Add calls to the journal on the page, without touching the rows that are there. */
function addCalls(calls) {
  const body = $("calls");
  if (body === null) return refresh();
  const shown = Number(body.querySelector("a")?.textContent.slice(1) ?? 0);
  for (const call of calls.filter((each) => each.number > shown)) body.prepend(tableRow(CALL_COLUMNS, callCells(call), { class: "new" }));
  while (body.rows.length > PAGE) body.lastElementChild.remove();
  announce(count(calls.length, "new call"));
  return undefined;
}

async function showCall({ names: [number] }) {
  const call = await get(`calls/${encodeURIComponent(number)}`);
  const headers = Object.entries(call.headers);
  const target = call.query ? `${call.path}?${call.query}` : call.path;
  return {
    title: `Call #${number}`,
    nodes: [
      h("p", { class: "crumbs" }, link("/calls", "Journal"), " /"),
      h("h1", {}, soft(`Call #${call.number} `), call.operation ?? `${call.method} (unknown)`),
      h("nav", { class: "pages", "aria-label": "Neighbours" }, call.number > 1 ? link(path("calls", call.number - 1), "Previous call") : null, link(path("calls", call.number + 1), "Next call")),
      call.error ? box("bad", h("p", {}, h("strong", {}, `${call.status} ${call.error}`), ": ", call.message)) : null,
      call.hint ? box("note", h("p", {}, h("strong", {}, "Hint"), ": ", visible2(call.hint))) : null,
      call.decision ? decisionNodes(call.decision) : null,
      call.fault ? box("note", h("p", {}, `A fault rule injected: ${call.fault}`)) : null,
      call.leniences.length ? box("note", h("p", {}, `S3 would have refused it; accepted by the leniences: ${call.leniences.join(", ")}`)) : null,
      details([
        ["Request", h("code", {}, `${call.method} ${call.scheme}://${call.host}`, visible(target))],
        ["Status", call.error ? tag(call.status, "bad") : tag(call.status, "good")],
        ["Bucket", call.bucket && link(path("buckets", call.bucket), key(call.bucket))],
        ["Key", call.bucket && call.key !== null ? link(`${path("buckets", call.bucket, "object")}?${new URLSearchParams({ key: call.key })}`, key(call.key)) : null],
        ["Upload", call.bucket && call.upload_id ? link(`${path("buckets", call.bucket, "upload")}?${new URLSearchParams({ id: call.upload_id })}`, h("code", {}, call.upload_id)) : null],
        ["Version", call.version_id && h("code", {}, call.version_id)],
        ["Caller", call.caller],
        ["Access key", call.access_key && h("code", {}, visible(call.access_key))],
        ["Client", call.client],
        ["Bytes", `${call.bytes_in.toLocaleString("en")} in, ${call.bytes_out.toLocaleString("en")} out`],
        ["Time", time(call.time)],
        ["Duration", `${(call.duration * 1000).toFixed(2)} ms`],
        ["Attempt", call.attempt > 1 ? String(call.attempt) : null],
        ["Thread", call.thread],
        ["Request id", h("code", {}, call.request_id)],
      ]),
      h("h2", {}, "Parameters"),
      Object.keys(call.params).length ? json(call.params) : h("p", { class: "soft" }, "None."),
      h("h2", {}, "Headers of the request"),
      headers.length ? table("Secrets are ***", [["Name", "fixed mono"], ["Value", "key-cell"]], headers.map(([name, value]) => [visible(name), key(value)])) : h("p", { class: "soft" }, "None."),
    ],
  };
}

// --- who may do what -------------------------------------------------------------------------------------------------

function decisionNodes(decision) {
  return box(decision.allowed ? "good" : "bad",
    h("p", {}, h("strong", {}, decision.allowed ? "Allowed" : "Denied"), ": ", visible(decision.reason)),
    h("p", {}, h("code", {}, decision.action), " on ", h("code", {}, visible(decision.resource)), " by ", h("code", {}, visible(decision.caller))),
    decision.statement ? [h("p", {}, "The statement that decides:"), json(decision.statement)] : null);
}

async function showAccess({ query }) {
  const [{ callers }, { operations }, { buckets }] = await Promise.all([get("callers"), get("operations"), get("buckets")]);
  const what = query.get("what");
  const asked = Object.fromEntries(query);
  const result = what ? await get("explain", asked).then(decisionNodes, (error) => box("bad", h("p", {}, error.message))) : null;
  return {
    title: "Access",
    nodes: [
      h("h1", {}, "Who may do what"),
      h("p", {}, "Evaluates policies, ACLs, public access blocks and the rest as a request would, and names the statement, grant or rule that decides. Nothing is changed."),
      form({ "aria-label": "Explain" }, (values) => go(`/access?${new URLSearchParams(values)}`),
        choice("Caller", "caller", callers.map((caller) => [caller.caller, caller.name]), asked.caller),
        field("Operation or action", "what", { list: "operations", required: true, value: what ?? "GetObject" }),
        h("datalist", { id: "operations" }, operations.map((name) => h("option", { value: name }))),
        field("Bucket", "bucket", { list: "bucket-names", value: asked.bucket ?? "" }),
        h("datalist", { id: "bucket-names" }, buckets.slice(0, 500).map((bucket) => h("option", { value: bucket.name }))),
        field("Key", "key", { value: asked.key ?? "" }),
        field("From IP address", "source_ip", { placeholder: "127.0.0.1", size: 12, value: asked.source_ip ?? "" }),
        choice("TLS", "secure", [["true", "yes"], ["false", "no"]], asked.secure ?? "true"),
        h("button", { class: "main" }, "Explain")),
      h("div", { role: "status", id: "decision" }, result),
    ],
  };
}

async function showBucketAccess({ names: [bucket], query }) {
  const object = query.get("key");
  const access = await get(inBucket(bucket, "access"), { key: object });
  const columns = [["Caller", "key-cell"], ...access.operations.map((name) => [name, "fixed"])];
  const ask = (caller, what) => `/access?${new URLSearchParams({ caller, what, bucket, ...(object ? { key: object } : {}) })}`;
  const rows = access.callers.map((caller) => [
    key(caller.name),
    ...caller.decisions.map((decision, index) =>
      h("a", { href: `#${ask(caller.caller, access.operations[index])}`, class: `tag ${decision.allowed ? "good" : "bad"}`, title: decision.text }, decision.allowed ? "allowed" : "denied")),
  ]);
  return {
    title: `${bucket}: access`,
    nodes: [
      bucketHead(bucket, "access"),
      form({ role: "search" }, (values) => go(`${path("buckets", bucket, "access")}?${new URLSearchParams(values)}`), field("Key (empty: the bucket itself)", "key", { value: object ?? "" }), h("button", {}, "Show")),
      table(object ? "Who may do what with the object; each decision leads to its reason" : "Who may do what with the bucket; each decision leads to its reason", columns, rows),
    ],
  };
}

// --- faults and pauses -----------------------------------------------------------------------------------------------

// Effect -> its fields: [name, label, kind]. Kinds: number, text, or a list of values. The first of a list is the default.
const EFFECTS = {
  error: [["code", "S3's error code", "text"], ["message", "Message", "text"], ["status", "Status", "number"], ["retry_after", "Retry after (seconds)", "number"]],
  error_in_200: [["code", "S3's error code", "text"], ["whitespace", "White space before it", "number"]],
  reset: [["when", "When", ["before", "during", "after"]]],
  refuse: [],
  stall: [["after", "After how many bytes", "number"]],
  truncate: [["after", "After how many bytes", "number"], ["fraction", "Or after a fraction", "number"]],
  corrupt: [["offset", "Offset", "number"], ["count", "Bytes", "number"]],
  malformed: [],
  latency: [["seconds", "Seconds", "number"]],
  bandwidth: [["bytes_per_second", "Bytes per second", "number"]],
  duplicate: [],
  reorder: [],
};
const RULE_NUMBERS = [["part_number", "Part number"], ["nth", "Only the nth call"], ["times", "At most so many times"], ["probability", "Probability"]];
const numeric = { type: "number", min: "0", step: "any" };

function effectFields(effect) {
  return EFFECTS[effect].map(([name, label, kind]) =>
    Array.isArray(kind) ? choice(label, `effect-${name}`, kind) : field(label, `effect-${name}`, kind === "number" ? numeric : { value: name === "code" ? "SlowDown" : "" }));
}

/** Return the rule that a form describes, as the control API takes it. */
function ruleOf(values) {
  const effect = { effect: values.effect };
  for (const [name, , kind] of EFFECTS[values.effect]) {
    const value = values[`effect-${name}`];
    if (value !== undefined) effect[name] = kind === "number" ? Number(value) : value;
  }
  const rule = { operation: values.operation, effect };
  for (const name of ["bucket", "key"]) if (values[name] !== undefined) rule[name] = values[name];
  for (const [name] of RULE_NUMBERS) if (values[name] !== undefined) rule[name] = Number(values[name]);
  return rule;
}

async function showFaults() {
  const [{ faults }, { pauses }, { operations }] = await Promise.all([get("faults"), get("pauses"), get("operations")]);
  const columns = [["Rule", "number"], ["Operation", ""], ["Effect", ""], ["Calls it matches", "key-cell"], ["Matched", "number"], ["Injected", "number"], ["Actions", ""]];
  const described = (values) => Object.entries(values).filter(([, value]) => value !== null).map(([name, value]) => `${name} ${JSON.stringify(value)}`).join(", ");
  const rows = faults.map(({ id, operation, effect, calls, hits, ...match }) => {
    const { effect: name, ...fields } = effect;
    return [
      id,
      [operation].flat().join(", "),
      [h("strong", {}, name), " ", soft(described(fields))],
      key(described(match) || "all"),
      calls,
      hits,
      button("Remove", async () => { await remove(`faults/${id}`); announce(`Rule ${id} is removed`); await refresh(); }, { "aria-label": `Remove rule ${id}` }),
    ];
  });
  const waiting = pauses.map(({ id, ...pause }) => [id, key(described(pause)), button("Release", async () => { await remove(`pauses/${id}`); await refresh(); }, { "aria-label": `Release pause ${id}` })]);
  const fields = h("span", { class: "row", id: "effect-fields" }, effectFields("error"));
  const kinds = choice("Effect", "effect", Object.keys(EFFECTS));
  kinds.querySelector("select").addEventListener("change", (event) => fields.replaceChildren(...effectFields(event.target.value)));
  return {
    title: "Faults",
    nodes: [
      h("h1", {}, "Faults"),
      rows.length ? [table(count(rows.length, "rule"), columns, rows), h("p", {}, button("Remove all rules", async () => { await remove("faults"); announce("All rules are removed"); await refresh(); }))] : empty("No fault is injected."),
      h("h2", { id: "add" }, "Add a rule"),
      form({ "aria-labelledby": "add" }, async (values) => {
        const rule = await post("faults", ruleOf(values));
        announce(`Rule ${rule.id} is added`);
        await refresh();
      },
      field("Operation", "operation", { list: "operations", required: true, placeholder: "name or pattern*" }),
      h("datalist", { id: "operations" }, operations.map((name) => h("option", { value: name }))),
      kinds, fields,
      field("Bucket", "bucket", { placeholder: "name or pattern*", size: 12 }), field("Key", "key", { placeholder: "key or pattern*", size: 12 }),
      RULE_NUMBERS.map(([name, label]) => field(label, name, numeric)),
      h("button", { class: "main" }, "Add the rule")),
      waiting.length ? [h("h2", {}, "Pauses"), table("Calls wait here until the pause is released", [["Pause", "number"], ["Calls it holds", "key-cell"], ["Actions", ""]], waiting)] : null,
    ],
  };
}

// --- the clock -------------------------------------------------------------------------------------------------------

async function showClock() {
  const clock = await get("clock");
  const move = async (name, body, text) => {
    await post(`clock/${name}`, body);
    await refresh();
    announce(text);
  };
  const state = clock.frozen ? "It is frozen." : clock.controlled ? "It was moved, and runs." : "It shows the system's time.";
  return {
    title: "Clock",
    nodes: [
      h("h1", {}, "Clock"),
      h("p", {}, "The time that S3 sees. Lifecycle rules, locks, restores and presigned URLs depend on it; what is due runs when it is moved."),
      details([["Now", time(clock.now)], ["State", state]]),
      h("p", { class: "row" },
        button("Freeze now", () => move("freeze", {}, "The clock is frozen")),
        button("Reset the clock", async () => { await remove("clock"); await refresh(); announce("The clock is reset"); })),
      form({ "aria-label": "Advance" }, ({ amount, unit }) => move("advance", { [unit]: Number(amount) }, `The clock is advanced by ${amount} ${unit}`),
        field("Advance by", "amount", { type: "number", step: "any", required: true, value: "1" }),
        choice("Unit", "unit", ["seconds", "minutes", "hours", "days", "weeks"], "days"),
        h("button", { class: "main" }, "Advance")),
      form({ "aria-label": "Move to" }, ({ to }) => move("move_to", { to }, "The clock is moved"),
        field("Move to (ISO 8601)", "to", { required: true, placeholder: "2030-01-01T00:00:00Z", size: 26 }),
        h("button", {}, "Move")),
    ],
  };
}

// --- snapshots -------------------------------------------------------------------------------------------------------

const KINDS = { added: "good", removed: "bad", changed: "note" };

async function showSnapshots({ query }) {
  const { snapshots } = await get("snapshots");
  const [from, to, offset] = [query.get("from"), query.get("to") ?? "", Number(query.get("offset") ?? 0)];
  const rows = snapshots.map((name) => [
    key(name),
    [
      button("Restore", async () => {
        if (!window.confirm(`Replace the present state by the snapshot ${name}?`)) return;
        await post("restore", { name });
        announce(`The snapshot ${name} is restored`);
        await refresh();
      }, { "aria-label": `Restore ${name}` }), " ",
      link(`/snapshots?${new URLSearchParams({ from: name })}`, "Compare with the present state"), " ",
      button("Remove", async () => { await remove(`snapshots/${encodeURIComponent(name)}`); announce(`The snapshot ${name} is removed`); go("/snapshots"); await refresh(); }, { "aria-label": `Remove ${name}` }),
    ],
  ]);
  return {
    title: "Snapshots",
    nodes: [
      h("h1", {}, "Snapshots"),
      rows.length ? table(count(rows.length, "snapshot"), [["Name", "key-cell"], ["Actions", ""]], rows) : empty("There is no snapshot with a name."),
      form({ "aria-label": "Take a snapshot" }, async ({ name }) => { await post("snapshot", { name }); announce(`The snapshot ${name} is taken`); await refresh(); },
        field("Name", "name", { required: true }), h("button", { class: "main" }, "Take a snapshot")),
      snapshots.length ? [
        h("h2", { id: "compare" }, "Compare"),
        form({ "aria-labelledby": "compare" }, (values) => go(`/snapshots?${new URLSearchParams(values)}`),
          choice("From", "from", snapshots, from), choice("To", "to", [["", "the present state"], ...snapshots], to), h("button", {}, "Compare")),
        from === null ? null : await differenceNodes(from, to, offset),
      ] : null,
    ],
  };
}

async function differenceNodes(from, to, offset) {
  const { differences, total } = await get("diff", { from, to, offset, limit: PAGE });
  const columns = [["Change", "fixed"], ["What", "fixed"], ["Bucket", "fixed"], ["Name", "key-cell"], ["Before and after", "key-cell"]];
  const text = (value) => (value === null ? "none" : typeof value === "string" ? value : JSON.stringify(value));
  const rows = differences.map((one) => [
    tag(one.change, KINDS[one.change]),
    one.kind,
    key(one.bucket),
    one.kind === "bucket" ? "" : key(one.name),
    Object.entries(one.fields).map(([name, [before, after]]) => h("div", {}, soft(`${name}: `), key(text(before)), " → ", key(text(after)))),
  ]);
  return rows.length ? [table(count(total, "difference"), columns, rows), pages(total, offset, (at) => `/snapshots?${new URLSearchParams({ from, to, offset: at })}`)] : empty("They are equal.");
}

// --- notifications ---------------------------------------------------------------------------------------------------

async function showNotifications({ query }) {
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

// --- settings --------------------------------------------------------------------------------------------------------

async function showSettings() {
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

// --- from the address to a view ----------------------------------------------------------------------------------------

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
  ["access", showAccess, false],
  ["faults", showFaults, true],
  ["clock", showClock, false],
  ["snapshots", showSnapshots, true],
  ["notifications", showNotifications, true],
  ["settings", showSettings, false],
];

let shown = { isLive: false, isNewest: false, number: 0 };

const go = (address) => { location.hash = address; };

function parseAddress() {
  const [route, query] = [location.hash.slice(1).split("?")[0], location.hash.split("?").slice(1).join("?")];
  const parts = route.split("/").filter(Boolean).map(decodeURIComponent);
  for (const [pattern, view, isLive] of VIEWS) {
    const names = pattern.split("/").filter(Boolean);
    if (names.length === parts.length && names.every((name, index) => name === "{}" || name === parts[index])) {
      return { view, isLive, names: parts.filter((_, index) => names[index] === "{}"), query: new URLSearchParams(query), section: parts[0] ?? "" };
    }
  }
  throw new Error(`there is no page ${route}`);
}

/** Show the view of the address. `isVisit`: the user has come to it; else it is shown again, and focus and position stay. */
async function show(isVisit) {
  const number = (shown.number += 1);
  const main = $("main");
  try {
    const address = parseAddress();
    const { title, nodes, isNewest = false } = await address.view(address);
    if (number !== shown.number) return;
    shown = { isLive: address.isLive, isNewest, number };
    const focused = focusMark();
    main.replaceChildren(...[nodes].flat(9).filter(Boolean));
    document.title = `${title} – fakes3part`;
    markMenu(address.section);
    if (!isVisit) restoreFocus(focused);
  } catch (error) {
    if (number !== shown.number) return;
    shown = { isLive: false, isNewest: false, number };
    main.replaceChildren(h("h1", {}, "Not found"), box("bad", h("p", {}, error.message)), h("p", {}, link("/", "All buckets")));
    document.title = "Not found – fakes3part";
  }
  if (isVisit) {
    window.scrollTo(0, 0);
    const heading = main.querySelector("h1");
    heading.tabIndex = -1;
    if (number > 1) heading.focus({ preventScroll: true });
  }
  main.removeAttribute("aria-busy");
}

function markMenu(section) {
  for (const item of document.querySelectorAll("#menu a")) {
    const own = item.getAttribute("href").slice(2);
    const isCurrent = own === section || (own === "" && section === "buckets");
    if (isCurrent) item.setAttribute("aria-current", "page");
    else item.removeAttribute("aria-current");
  }
}

/** Return what finds the focused element after the page is shown again: its address, or its text. */
function focusMark() {
  const element = document.activeElement;
  if (!$("main").contains(element)) return null;
  return (other) => other.tagName === element.tagName && other.getAttribute("href") === element.getAttribute("href") && other.textContent === element.textContent;
}

function restoreFocus(isSame) {
  if (isSame !== null) [...$("main").querySelectorAll("a, button, [tabindex]")].find(isSame)?.focus({ preventScroll: true });
}

const refresh = () => guarded(() => show(false));

/** Return whether the user is typing, which nothing may interrupt. */
function isTyping() {
  const element = document.activeElement;
  return $("main").contains(element) && ["INPUT", "SELECT", "TEXTAREA"].includes(element.tagName);
}

// --- live ------------------------------------------------------------------------------------------------------------

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

document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault(); // the address after # is that of a view
  $("main").focus();
});

window.addEventListener("hashchange", () => show(true));
guarded(async () => {
  const { version } = await get("health");
  $("version").textContent = version;
  last = (await get("calls", { limit: 1 })).calls[0]?.number ?? 0;
  await show(true);
  follow();
});
