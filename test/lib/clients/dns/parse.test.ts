import assert from "node:assert/strict";
import { test } from "node:test";
import { parseHosts } from "../../../../lib/clients/dns/hosts-file.ts";
import { hasOtherServices } from "../../../../lib/clients/dns/name-services.ts";
import { candidates, parseSearchList } from "../../../../lib/clients/dns/search-list.ts";

test("a hosts file: several names and addresses, comments, names in any case", () => {
  const hosts = parseHosts(
    "127.0.0.1\tLocalhost lo # x y\n::1 localhost\n\n# 10.0.0.1 no\n10.0.0.2",
  );
  assert.deepEqual(
    [...hosts],
    [
      ["localhost", ["127.0.0.1", "::1"]],
      ["lo", ["127.0.0.1"]],
    ],
  );
});

test("a search list: the last line counts, and the domain of the machine if there is none", () => {
  assert.deepEqual(parseSearchList("nameserver 10.0.0.1\n", "web.example.com"), {
    ...{ domains: ["example.com"], ndots: 1 },
  });
  const text =
    "search a.test\ndomain b.test\nsearch c.test. d.test ; x\noptions timeout:1 ndots:2\n";
  assert.deepEqual(parseSearchList(text, "web"), { domains: ["c.test", "d.test"], ndots: 2 });
});

test("a name is asked for with each domain, first as it is if it has enough dots", () => {
  const list = { domains: ["a.test", "b.test"], ndots: 1 };
  assert.deepEqual(candidates("db", list), ["db.a.test", "db.b.test", "db"]);
  assert.deepEqual(candidates("db.eu", list), ["db.eu", "db.eu.a.test", "db.eu.b.test"]);
  assert.deepEqual(candidates("db.", list), ["db"]);
});

test("services of names other than files and DNS are recognized", () => {
  assert.equal(hasOtherServices("passwd: ldap\nhosts:          files dns\n"), false);
  assert.equal(hasOtherServices("hosts: files mdns4_minimal [NOTFOUND=return] dns\n"), true);
  assert.equal(hasOtherServices("hosts: files [!UNAVAIL=return] dns # ldap\n"), false);
  assert.equal(hasOtherServices(""), false);
});
