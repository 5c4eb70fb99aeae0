"""Asks the stand-in what python3-consul, which others have written for Consul itself, can ask."""

import sys
import threading
import time

import consul

client = consul.Consul(port=int(sys.argv[1]), token="secret")


def expect(what, found, expected):
    if found != expected:
        sys.exit("%s: %r instead of %r" % (what, found, expected))


def change(path, **params):
    """Old versions of python3-consul change an agent with GET, which Consul has refused since 1.0."""
    params["token"] = client.token
    return client.http.put(consul.base.CB.bool(), "/v1/agent/" + path, params=params)


# Keys: 404 with an index, base64, compare-and-set, the index of a prefix.
index, found = client.kv.get("web/a")
expect("an absent key", found, None)
expect("put", client.kv.put("web/a", "1", flags=42), True)
index, found = client.kv.get("web/a")
expect("value", (found["Value"], found["Flags"], found["LockIndex"]), (b"1", 42, 0))
expect("the index of a key", int(index), found["ModifyIndex"])
expect("cas with another index", client.kv.put("web/a", "2", cas=found["ModifyIndex"] - 1), False)
expect("cas with its index", client.kv.put("web/a", "2", cas=found["ModifyIndex"]), True)
expect("cas of a key that exists", client.kv.put("web/a", "3", cas=0), False)
expect("cas of a new key", client.kv.put("web/b/c", "1", cas=0), True)
_, found = client.kv.get("web/", recurse=True)
expect("recurse", [(one["Key"], one["Value"]) for one in found], [("web/a", b"2"), ("web/b/c", b"1")])
expect("keys", client.kv.get("web/", keys=True, separator="/")[1], ["web/a", "web/b/"])

# A blocking query ends with a change, or with its wait.
index, _ = client.kv.get("web/", recurse=True)
threading.Timer(0.2, lambda: client.kv.put("web/d", "1")).start()
started = time.time()
later, found = client.kv.get("web/", recurse=True, index=index, wait="20s")
expect("a change ends the wait", (int(later) > int(index), len(found), time.time() - started < 15), (True, 3, True))
same, _ = client.kv.get("web/", recurse=True, index=later, wait="1s")
expect("the index after a wait without a change", same, later)
index, _ = client.kv.get("web/d")
expect("delete", client.kv.delete("web/d"), True)
expect("absent again", client.kv.get("web/d")[1], None)
expect("delete of all", client.kv.delete("web/b", recurse=True), True)

# Sessions lock keys, and take them along.
session = client.session.create(name="s", behavior="delete", ttl=10, lock_delay=1)
other = client.session.create(name="o", behavior="release", ttl=10, lock_delay=0)
expect("acquire", client.kv.put("web/lock", "mine", acquire=session), True)
expect("acquire again", client.kv.put("web/lock", "still", acquire=session), True)
expect("acquire of another", client.kv.put("web/lock", "yours", acquire=other), False)
_, found = client.kv.get("web/lock")
expect("lock", (found["Session"], found["LockIndex"], found["Value"]), (session, 1, b"still"))
expect("a plain write keeps the lock", client.kv.put("web/lock", "plain"), True)
expect("its lock", client.kv.get("web/lock")[1]["Session"], session)
expect("release of another", client.kv.put("web/lock", "", release=other), False)
expect("renew", client.session.renew(session)["ID"], session)
expect("list", sorted(one["ID"] for one in client.session.list()[1]), sorted([session, other]))
expect("destroy", client.session.destroy(session), True)
expect("its key is gone", client.kv.get("web/lock")[1], None)
expect("lock delay", client.kv.put("web/lock", "", acquire=other), False)
time.sleep(1.2)
expect("after the lock delay", client.kv.put("web/lock", "", acquire=other), True)
client.session.destroy(other)
_, found = client.kv.get("web/lock")
expect("released", ("Session" in found, found["Value"]), (False, None))
try:
    client.session.renew(session)
    sys.exit("a session is renewed that is gone")
except consul.NotFound:
    pass
try:
    client.session.create(ttl=86401)
    sys.exit("a TTL of more than a day is accepted")
except (consul.ConsulException, AssertionError):
    pass

# Services: a TTL check is critical until it passes, and again after its TTL.
check = consul.Check.ttl("1s")
expect("register", client.agent.service.register("web", service_id="web-1", address="10.0.0.1", port=80, tags=["a"], check=check), True)
expect("agent", list(client.agent.services()), ["web-1"])
expect("critical first", client.health.service("web", passing=True)[1], [])
expect("pass", change("check/pass/service:web-1", note="fine"), True)
index, found = client.health.service("web", passing=True)
expect("passing", [(one["Node"]["Node"], one["Service"]["ID"], one["Service"]["Port"]) for one in found], [("node-1", "web-1", 80)])
expect("output", [one["Output"] for one in found[0]["Checks"] if one["ServiceID"]], ["fine"])
index, found = client.health.service("web", passing=True, index=index, wait="10s")
expect("critical after the TTL", found, [])
expect("all", len(client.health.service("web")[1]), 1)
change("check/pass/service:web-1")
expect("maintenance", change("service/maintenance/web-1", enable="true", reason="drain"), True)
expect("in maintenance", client.health.service("web", passing=True)[1], [])
names = [one["CheckID"] for one in client.health.checks("web")[1]]
expect("its check", sorted(names), ["_service_maintenance:web-1", "service:web-1"])
change("service/maintenance/web-1", enable="false")
expect("after maintenance", len(client.health.service("web", passing=True)[1]), 1)
expect("catalog", client.catalog.services()[1], {"consul": [], "web": ["a"]})
expect("deregister", change("service/deregister/web-1"), True)
expect("deregistered", client.catalog.service("web")[1], [])

# Access.
for refused in (
    lambda: client.kv.put("other/a", "1"),
    lambda: client.agent.service.register("other"),
    lambda: client.kv.get("web/a", token="unknown"),
):
    try:
        refused()
        sys.exit("a request without permission succeeds")
    except consul.ACLPermissionDenied:
        pass
expect("leader", client.status.leader() != "", True)
print("all as expected")
