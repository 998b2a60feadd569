// A user's program with AWS's JavaScript SDK v3. The endpoint and the credentials come from the environment; what it saw goes
// to standard output as one JSON document, for test_node.py to judge. To run it: `npm install` in this folder, then
// `python -m pytest tests/clients/test_node.py`, which is skipped without it.

import { createHash } from "node:crypto";
import { Readable } from "node:stream";

import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
  paginateListObjectsV2,
  paginateListParts,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";

const MiB = 1024 * 1024;
const Bucket = "node";
const seen = {};

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
const pattern = (size) => Buffer.alloc(size, "All work and no play makes Jack a dull boy. ");

/** Bytes as a stream of 64 KiB pieces: a body that the SDK cannot hash beforehand. */
const stream = (bytes) => {
  const pieces = function* () {
    for (let at = 0; at < bytes.length; at += 65536) yield bytes.subarray(at, at + 65536);
  };
  return Readable.from(pieces(), { objectMode: false });
};

/** What a program's catch block has in hand. */
const failure = async (promise) => {
  try {
    await promise;
    return null;
  } catch (error) {
    return { name: error.name, message: error.message, status: error.$metadata?.httpStatusCode };
  }
};

const client = new S3Client({ maxAttempts: 1 });

/** The header lines of each request as they leave, by operation: what this SDK's habits on the wire are. */
const wire = [];
client.middlewareStack.add(
  (next, context) => (args) => {
    wire.push({ operation: context.commandName, headers: Object.keys(args.request.headers).sort() });
    return next(args);
  },
  { step: "finalizeRequest", priority: "low", name: "wire" },
);

const digest = async (Key) => {
  const answer = await client.send(new GetObjectCommand({ Bucket, Key }));
  const { ContentEncoding, ContentType, ChecksumCRC32 } = answer;
  return { sha256: sha256(await answer.Body.transformToByteArray()), ContentEncoding, ContentType, ChecksumCRC32 };
};

await client.send(new CreateBucketCommand({ Bucket }));

const small = pattern(100_000);
seen.expected = { small: sha256(small) };
const { ETag, ChecksumCRC32, ChecksumType } = await client.send(
  new PutObjectCommand({ Bucket, Key: "put/buffer", Body: small, ContentType: "text/plain", Metadata: { who: "Jack" } }),
);
seen.put = { ETag, ChecksumCRC32, ChecksumType };
seen.buffer = await digest("put/buffer");
await client.send(new PutObjectCommand({ Bucket, Key: "put/stream", Body: stream(small), ContentLength: small.length }));
seen.stream = await digest("put/stream");
seen.head = (await client.send(new HeadObjectCommand({ Bucket, Key: "put/buffer" }))).Metadata;

const large = pattern(12 * MiB + 1);
seen.expected.large = sha256(large);
for (const [Key, Body] of [["upload/buffer", large], ["upload/stream", stream(large)]]) {
  const upload = new Upload({ client, params: { Bucket, Key, Body }, partSize: 5 * MiB, queueSize: 4 });
  const progress = [];
  upload.on("httpUploadProgress", ({ part }) => progress.push(part));
  const done = await upload.done();
  seen[Key] = { ETag: done.ETag, Location: done.Location, parts: progress.sort(), ...(await digest(Key)) };
}

const keys = [];
for await (const page of paginateListObjectsV2({ client, pageSize: 2 }, { Bucket })) {
  keys.push(page.Contents.map(({ Key, Size }) => `${Key} ${Size}`));
}
seen.list = keys;

const open = await client.send(new CreateMultipartUploadCommand({ Bucket, Key: "open" }));
const { UploadId } = open;
for (const PartNumber of [1, 2, 3]) {
  await client.send(new UploadPartCommand({ Bucket, Key: "open", UploadId, PartNumber, Body: `part ${PartNumber}` }));
}
const numbers = [];
for await (const page of paginateListParts({ client, pageSize: 2 }, { Bucket, Key: "open", UploadId })) {
  numbers.push((page.Parts ?? []).map(({ PartNumber, Size }) => [PartNumber, Size]));
  if (!page.IsTruncated) break; // the SDK looks only at NextPartNumberMarker, which S3 fills on the last page as well
}
seen.listParts = numbers;
const Parts = [1, 2].map((PartNumber) => ({ PartNumber, ETag: "0".repeat(32) }));
seen.invalidPart = await failure(
  client.send(new CompleteMultipartUploadCommand({ Bucket, Key: "open", UploadId, MultipartUpload: { Parts } })),
);
await client.send(new AbortMultipartUploadCommand({ Bucket, Key: "open", UploadId }));
seen.noSuchUpload = await failure(
  client.send(new UploadPartCommand({ Bucket, Key: "open", UploadId, PartNumber: 1, Body: "late" })),
);
seen.noSuchKey = await failure(client.send(new GetObjectCommand({ Bucket, Key: "nothing" })));
seen.notFound = await failure(client.send(new HeadObjectCommand({ Bucket, Key: "nothing" })));

const Objects = ["put/buffer", "put/stream", "upload/buffer", "upload/stream"].map((Key) => ({ Key }));
seen.deleted = (await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }))).Deleted.length;

seen.wire = wire;
client.destroy();
console.log(JSON.stringify(seen));
