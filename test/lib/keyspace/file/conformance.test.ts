import { fileKeyspace } from "../../../conformance/file-keyspace.ts";
import { keyspacePromises } from "../../../conformance/keyspace.ts";

// The load of the suite keeps the disk busy for ten seconds: it is part of test/real/file-keyspace.test.ts.
keyspacePromises("file", fileKeyspace);
