"""A small Google Cloud: Compute Engine, Cloud DNS, IAM, Resource Manager and Cloud Storage, kept in memory.

It is generic over kinds of resources: a collection is what its path says. What is special about a kind is in `KINDS` and in the
methods of managed instance groups. Rules that a client has to follow:

- Lists have pages of `page` items.
- A change is an operation that takes `slow` further requests. Until it is done, other changes of the resource are refused with
  `resourceNotReady`, and a deleted resource is still there.
- What another resource refers to cannot be deleted: `resourceInUseByAnotherResource`.
- Changes with a wrong fingerprint are refused with 412, those of IAM policies with a wrong etag with 409 or 412.
- A request with a `requestId` that was carried out is not carried out again.
- The members of a deleted service account stay in policies, as `deleted:serviceAccount:EMAIL?uid=ID`.

The first line of output is JSON with the address. It ends when its input does. Tests steer it with POST /test:
{"page": N, "slow": N}  sizes, for both of which 0 means no limit and at once
{"kill": PID, "at": N, "after": BOOL}  kill a process at its N-th request from now on, before or after carrying it out; with
    "writes": true only those count that change something
{"add": [[PATH, BODY], ...]}  resources that exist, such as ["projects/p/global/networks", {"name": "n"}]; also
    ["buckets", {"name": B}] and ["objects", {"bucket": B, "name": KEY, "content": TEXT}]
{"set": [PATH, FIELDS]}  changes fields of a resource that exists
{"project": P, "policy": {...}}, {"bucket": B, "policy": {...}}  IAM policies
{"save": true}, {"restore": true}  remember everything that exists, and make it so again
{"reset": true}  count requests from now on
GET /test answers with the number of requests, their log, and everything that exists, without ids and fingerprints.
"""
import base64, copy, hashlib, http.server, json, os, re, signal, sys, threading, urllib.parse

HOST = "https://www.googleapis.com/compute/v1/"
LINK = re.compile(r"(?:https?://[^/]+/compute/v1/)?(projects/[^/]+/(?:global|regions/[^/]+|zones/[^/]+)/[A-Za-z]+/[^/?]+)$")
REGIONS = {"us-test1": ["us-test1-a", "us-test1-b", "us-test1-c"], "us-other1": ["us-other1-a"]}
# Where collections may be, and what new resources have.
KINDS = {
    "networks": "global", "firewalls": "global", "routes": "global", "instanceTemplates": "global",
    "httpHealthChecks": "global", "healthChecks": "global regions", "subnetworks": "regions", "addresses": "regions", "forwardingRules": "regions",
    "targetPools": "regions", "backendServices": "regions", "routers": "regions",
    "instances": "zones", "disks": "zones regions", "instanceGroupManagers": "zones", "instanceGroups": "zones",
}
LABELED = {"disks", "forwardingRules", "addresses", "instances"}
FINGERPRINTED = {"networks", "subnetworks", "instanceGroupManagers", "backendServices", "instanceTemplates"}
# References in these fields do not keep the other resource from being deleted.
WEAK = {"selfLink", "region", "zone", "createdBy", "users", "subnetworks", "instanceGroup", "nextHopInstance", "instances"}


def is_write(line):
    """Whether a request changes something. Policies are read with POST, and operations are waited for."""
    return not line.startswith("GET ") and not re.search(r":getIamPolicy|/operations/", line)


class Refused(Exception):
    def __init__(self, status, reason, message):
        super().__init__(message)
        self.status, self.reason, self.message = status, reason, message

    def body(self):
        return {"error": {"code": self.status, "message": self.message, "errors": [{"reason": self.reason, "message": self.message}]}}


def links(value, skip=()):
    """The paths of all resources that a value refers to."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name not in skip:
                yield from links(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from links(inner)
    elif isinstance(value, str) and (found := LINK.match(value)):
        yield found.group(1)


def whole(value, project):
    """References as Google stores them, whichever of its forms they came in."""
    if isinstance(value, dict):
        return {name: whole(inner, project) for name, inner in value.items()}
    if isinstance(value, list):
        return [whole(inner, project) for inner in value]
    if isinstance(value, str):
        found = LINK.match(value) or (LINK.match(f"projects/{project}/{value}") if "/" in value else None)
        if found:
            return HOST + found.group(1)
    return value


def selected(items, text):
    """Filters of the form `a.b=c`, joined with AND."""
    for part in re.split(r"\s+AND\s+", text) if text else []:
        name, _, wanted = part.strip("() ").partition("=")
        def value(item):
            for key in name.strip().split("."):
                item = item.get(key, "") if isinstance(item, dict) else ""
            return str(item)
        items = [item for item in items if value(item) == wanted.strip().strip('"')]
    return items


class Google:
    def __init__(self):
        self.lock = threading.RLock()
        self.page = self.slow = 0
        self.number = 1000
        self.resources, self.operations, self.done_requests = {}, {}, {}
        self.accounts, self.policies, self.records, self.zones, self.buckets = {}, {}, {}, {}, {}
        self.log, self.kill, self.saved = [], None, {}

    def next(self):
        self.number += 1
        return str(self.number)

    # Pages

    def paged(self, items, query, field="items"):
        size = self.page or 500
        start = int(query.get("pageToken") or 0)
        answer = {field: items[start:start + size]} if items else {}
        if start + size < len(items):
            answer["nextPageToken"] = str(start + size)
        return answer

    # Operations

    def start(self, scope, kind, path, effect=lambda: None, error=None):
        name = f"operation-{self.next()}"
        own = f"{scope}/operations/{name}"
        operation = {"name": name, "operationType": kind, "targetLink": HOST + path, "selfLink": HOST + own, "status": "RUNNING"}
        self.operations[own] = {"answer": operation, "left": self.slow, "path": path, "effect": effect, "error": error}
        if not self.slow:
            self.finish(self.operations[own])
        return copy.deepcopy(operation)

    def finish(self, operation):
        operation["answer"]["status"] = "DONE"
        operation["left"] = 0
        if operation["error"]:
            code, message = operation["error"]
            operation["answer"].update(error={"errors": [{"code": code, "message": message}]}, httpErrorStatusCode=400)
        else:
            operation["effect"]()

    def advance(self):
        for operation in self.operations.values():
            if operation["answer"]["status"] != "DONE":
                operation["left"] -= 1
                if operation["left"] <= 0:
                    self.finish(operation)

    def is_changing(self, path):
        return any(o["path"] == path and o["answer"]["status"] != "DONE" for o in self.operations.values())

    # Resources

    def found(self, path):
        if path not in self.resources:
            raise Refused(404, "notFound", f"The resource '{path}' was not found")
        return self.resources[path]

    def shown(self, path):
        body = dict(self.found(path))
        if "/networks/" in path:
            body["subnetworks"] = [HOST + p for p, b in sorted(self.resources.items()) if "/subnetworks/" in p and b.get("network") == HOST + path]
        if "/disks/" in path:
            users = [HOST + p for p, b in sorted(self.resources.items()) if "/instances/" in p and path in links(b)]
            body.update({"users": users} if users else {})
        return body

    def add(self, collection, body):
        project, scope, kind = re.fullmatch(r"projects/([^/]+)/(global|(?:regions|zones)/[^/]+)/(\w+)", collection).groups()
        body, name = whole(copy.deepcopy(body), project), body.get("name", "")
        if not re.fullmatch(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?", name):
            raise Refused(400, "invalid", f"Invalid value for field 'resource.name': '{name}'")
        path = f"{collection}/{name}"
        if path in self.resources:
            raise Refused(409, "alreadyExists", f"The resource '{path}' already exists")
        for other in links(body, skip=WEAK):
            if other.split("/")[-2] in KINDS and other not in self.resources:
                raise Refused(404, "notFound", f"The resource '{other}' was not found")
        body.update(name=name, id=self.next(), selfLink=HOST + path)
        if "/" in scope:
            body[scope.split("/")[0][:-1]] = f"{HOST}projects/{project}/{scope}"
        if kind in LABELED:
            body["labelFingerprint"] = self.fingerprint()
        if kind in FINGERPRINTED:
            body["fingerprint"] = self.fingerprint()
        if kind in ("addresses", "forwardingRules"):
            number = int(body["id"])
            body.setdefault("address" if kind == "addresses" else "IPAddress", f"203.0.{number // 200 % 250}.{number % 200 + 1}")
        self.resources[path] = body
        if kind == "instanceGroupManagers":
            group = path.replace("/instanceGroupManagers/", "/instanceGroups/")
            self.resources[group] = {"name": name, "id": self.next(), "selfLink": HOST + group, "zone": body["zone"]}
            body["instanceGroup"] = HOST + group
            if body.get("versions"):
                body["instanceTemplate"] = body["versions"][0]["instanceTemplate"]
            body.setdefault("versions", [{"instanceTemplate": body["instanceTemplate"]}])
            self.resize(path, int(body.get("targetSize", 0)))
        return path

    def fingerprint(self):
        return base64.b64encode(self.next().encode()).decode()

    def users(self, path):
        managers = {p for p in self.resources if "/instanceGroupManagers/" in p}
        for other, body in self.resources.items():
            # Instances do not keep their template.
            if "/instances/" in other and "/instanceTemplates/" in path:
                continue
            if other != path and path in links(body, skip=WEAK):
                yield other
        if path in managers:
            yield from self.users(path.replace("/instanceGroupManagers/", "/instanceGroups/"))

    def check_unused(self, path):
        kept = [user for user in self.users(path) if not ("/instanceGroupManagers/" in path and "/instances/" in user)]
        if kept:
            raise Refused(400, "resourceInUseByAnotherResource", f"The resource '{path}' is already being used by '{sorted(kept)[0]}'")

    def delete(self, scope, path):
        self.found(path)
        self.check_unused(path)

        def effect():
            if "/instanceGroupManagers/" in path:
                self.resize(path, 0)
                self.resources.pop(path.replace("/instanceGroupManagers/", "/instanceGroups/"), None)
            self.resources.pop(path, None)
        return self.start(scope, "delete", path, effect)

    # Managed instance groups

    def members(self, manager):
        return [p for p, b in sorted(self.resources.items()) if b.get("createdBy") == HOST + manager]

    def create_instance(self, manager, name):
        body = self.resources[manager]
        properties = copy.deepcopy(self.resources[LINK.match(body["instanceTemplate"]).group(1)].get("properties", {}))
        metadata = properties.setdefault("metadata", {}).setdefault("items", [])
        metadata.append({"key": "created-by", "value": manager})
        properties.update(name=name, status="RUNNING", createdBy=HOST + manager, createdFrom=body["instanceTemplate"].rsplit("/", 1)[-1])
        self.add(manager.split("/instanceGroupManagers/")[0] + "/instances", properties)

    def resize(self, manager, size):
        body, members = self.resources[manager], self.members(manager)
        for path in members[size:]:
            del self.resources[path]
        for _ in range(size - len(members)):
            mark = hashlib.sha256(self.next().encode()).hexdigest()[:4]
            self.create_instance(manager, f"{body.get('baseInstanceName', body['name'])}-{mark}")
        body["targetSize"] = size

    def manager_method(self, scope, path, verb, query, body):
        manager = self.found(path)
        if verb == "listManagedInstances":
            items = []
            for member in self.members(path):
                instance = self.resources[member]
                template = manager["instanceTemplate"].rsplit("/", 1)[0] + "/" + instance["createdFrom"]
                items.append({"instance": HOST + member, "instanceStatus": instance["status"], "currentAction": "NONE", "version": {"instanceTemplate": template}})
            return self.paged(items, query, "managedInstances")
        chosen = [LINK.match(link).group(1) for link in whole(body.get("instances", []), path.split("/")[1])]
        for link in chosen:
            if link not in self.members(path):
                raise Refused(400, "invalid", f"'{link}' is not a member of '{path}'")

        def effect():
            if verb == "resize":
                self.resize(path, int(query.get("size") or body.get("size") or 0))
            elif verb == "recreateInstances":
                for link in chosen:
                    del self.resources[link]
                    self.create_instance(path, link.rsplit("/", 1)[-1])
            elif verb in ("deleteInstances", "abandonInstances"):
                for link in chosen:
                    if verb == "deleteInstances":
                        del self.resources[link]
                    else:
                        del self.resources[link]["createdBy"]
                manager["targetSize"] -= len(chosen)
            elif verb == "setInstanceTemplate":
                manager["instanceTemplate"] = whole(body["instanceTemplate"], path.split("/")[1])
                manager["versions"] = [{"instanceTemplate": manager["instanceTemplate"]}]
            elif verb == "setTargetPools":
                manager["targetPools"] = whole(body.get("targetPools", []), path.split("/")[1])
        if verb not in ("resize", "recreateInstances", "deleteInstances", "abandonInstances", "setInstanceTemplate", "setTargetPools"):
            raise Refused(404, "notFound", f"no method {verb}")
        return self.start(scope, verb, path, effect)

    # Compute Engine

    def compute(self, method, path, query, body):
        parts = path.split("/")
        if query.get("requestId") in self.done_requests and method != "GET":
            return self.done_requests[query["requestId"]]
        answer = self.compute_once(method, path, parts, query, body)
        if query.get("requestId") and method != "GET":
            self.done_requests[query["requestId"]] = answer
        return answer

    def compute_once(self, method, path, parts, query, body):
        project = "/".join(parts[:2])
        if len(parts) == 2:
            return {"name": parts[1], "defaultServiceAccount": "1-compute@developer.gserviceaccount.com"}
        if parts[2] in ("regions", "zones") and len(parts) in (3, 4):
            link = lambda region: f"{HOST}{project}/regions/{region}"
            zone = lambda region, name: {"name": name, "region": link(region), "selfLink": f"{HOST}{project}/zones/{name}"}
            regions = [{"name": r, "selfLink": link(r), "zones": [zone(r, z)["selfLink"] for z in zones]} for r, zones in REGIONS.items()]
            items = regions if parts[2] == "regions" else [zone(r, z) for r, zones in REGIONS.items() for z in zones]
            if len(parts) == 3:
                return self.paged(selected(items, query.get("filter")), query)
            named = [item for item in items if item["name"] == parts[3]]
            if not named:
                raise Refused(404, "notFound", f"The resource '{path}' was not found")
            return named[0]
        if parts[2] == "aggregated":
            return self.aggregated(project, parts[3], query)
        depth = 3 if parts[2] == "global" else 4
        scope, rest = "/".join(parts[:depth]), parts[depth:]
        if rest[0] == "operations":
            own = "/".join(parts[:depth + 2])
            if own not in self.operations:
                raise Refused(404, "notFound", f"The resource '{own}' was not found")
            return copy.deepcopy(self.operations[own]["answer"])
        if parts[2] not in KINDS.get(rest[0], ""):
            raise Refused(404, "notFound", f"'{rest[0]}' is not a collection of {parts[2]}")
        collection = f"{scope}/{rest[0]}"
        if len(rest) == 1 and method == "GET":
            own = [self.shown(p) for p in sorted(self.resources) if p.rsplit("/", 1)[0] == collection]
            return self.paged(selected(own, query.get("filter")), query)
        if len(rest) == 1:
            added = self.add(collection, body)
            return self.start(scope, "insert", added)
        target = f"{collection}/{rest[1]}"
        if method == "GET":
            return self.shown(target)
        if rest[0] == "instanceGroups" and rest[-1] == "listInstances":
            manager = target.replace("/instanceGroups/", "/instanceGroupManagers/")
            own = self.members(manager) or links(self.found(target).get("instances", []))
            return self.paged([{"instance": HOST + path, "status": "RUNNING"} for path in own if path in self.resources], query)
        if method != "POST" or rest[-1] != "listManagedInstances":
            self.found(target)
            if self.is_changing(target):
                raise Refused(400, "resourceNotReady", f"The resource '{target}' is not ready")
        if method == "DELETE":
            return self.delete(scope, target)
        if len(rest) == 3 and rest[0] == "instanceGroupManagers":
            return self.manager_method(scope, target, rest[2], query, body)
        return self.change(method, scope, target, rest[2:], body)

    def change(self, method, scope, target, verb, body):
        current, project = self.found(target), target.split("/")[1]
        for name in ("fingerprint", "labelFingerprint"):
            if name in body and body[name] != current.get(name):
                raise Refused(412, "conditionNotMet", f"Invalid {name}: the resource was changed")
        if verb == ["setLabels"]:
            if "labelFingerprint" not in body:
                raise Refused(412, "conditionNotMet", "Labels fingerprint is missing")
            new = {"labels": body.get("labels", {})}
        elif verb == ["setTarget"] and "/forwardingRules/" in target:
            new = {"backendService" if "/backendServices/" in body["target"] else "target": body["target"]}
        elif verb == ["setMetadata"]:
            new = {"metadata": body}
        elif verb == ["addHealthCheck"]:
            new = {"healthChecks": current.get("healthChecks", []) + [check["healthCheck"] for check in body["healthChecks"]]}
        elif verb == ["removeHealthCheck"]:
            gone = whole([check["healthCheck"] for check in body["healthChecks"]], project)
            new = {"healthChecks": [check for check in current.get("healthChecks", []) if check not in gone]}
        elif verb:
            raise Refused(404, "notFound", f"no method {verb[0]}")
        else:
            new = copy.deepcopy(body)
        new = whole(new, project)
        kept = {name: current[name] for name in ("name", "id", "selfLink", "region", "zone", "labelFingerprint") if name in current}

        def effect():
            if method == "PUT":
                current.clear()
            current.update({**new, **kept})
            if "fingerprint" in current:
                current["fingerprint"] = self.fingerprint()
            if "labelFingerprint" in current:
                current["labelFingerprint"] = self.fingerprint()
        return self.start(scope, verb[0] if verb else method.lower(), target, effect)

    def aggregated(self, project, kind, query):
        own = [p for p in sorted(self.resources) if p.startswith(project + "/") and p.split("/")[-2] == kind]
        kept = selected([self.shown(p) for p in own], query.get("filter"))
        page = self.paged(kept, query, "found")
        items = {}
        for item in page.pop("found", []):
            scope = "/".join(LINK.match(item["selfLink"]).group(1).split("/")[2:-2])
            items.setdefault(scope, {}).setdefault(kind, []).append(item)
        # A location without resources has a warning instead.
        items.setdefault("zones/us-empty1-a", {"warning": {"code": "NO_RESULTS_ON_PAGE"}})
        return {**page, "items": items}

    # IAM and Resource Manager

    def iam(self, method, project, rest, query, body):
        if not rest:
            if method == "GET":
                own = [a for a in self.accounts.values() if a["projectId"] == project]
                return self.paged(sorted(own, key=lambda a: a["email"]), query, "accounts")
            email = f"{body['accountId']}@{project}.iam.gserviceaccount.com"
            if email in self.accounts:
                raise Refused(409, "alreadyExists", f"Service account {email} already exists")
            self.accounts[email] = {"name": f"projects/{project}/serviceAccounts/{email}", "projectId": project, "uniqueId": self.next(),
                                    "email": email, **body.get("serviceAccount", {})}
            return self.accounts[email]
        email = rest[0]
        if email not in self.accounts:
            raise Refused(404, "notFound", f"Unknown service account: {email}")
        if method == "DELETE":
            account = self.accounts.pop(email)
            for policy in [*self.policies.values(), *(b["policy"] for b in self.buckets.values())]:
                for binding in policy.get("bindings", []):
                    new = f"deleted:serviceAccount:{email}?uid={account['uniqueId']}"
                    binding["members"] = [new if m == f"serviceAccount:{email}" else m for m in binding["members"]]
            return {}
        if method == "PATCH":
            fields = body.get("updateMask", "").split(",")
            self.accounts[email].update({name: value for name, value in body.get("serviceAccount", {}).items() if name in fields})
        return self.accounts[email]

    def policy_of(self, project):
        return self.policies.setdefault(project, {"version": 1, "etag": self.fingerprint(), "bindings": []})

    def checked_policy(self, old, new, status):
        if new.get("etag") and new["etag"] != old["etag"]:
            raise Refused(status, "aborted" if status == 409 else "conditionNotMet", "There were concurrent policy changes")
        for binding in new.get("bindings", []):
            for member in binding["members"]:
                kind, _, email = member.partition(":")
                if kind == "serviceAccount" and email.endswith(".iam.gserviceaccount.com") and email not in self.accounts:
                    raise Refused(400, "invalid", f"Service account {email} does not exist.")
        return {**new, "etag": self.fingerprint()}

    def resource_manager(self, project, verb, body):
        policy = self.policy_of(project)
        if verb == "setIamPolicy":
            policy = self.policies[project] = self.checked_policy(policy, body["policy"], 409)
        return copy.deepcopy(policy)

    # Cloud DNS

    def dns(self, method, project, rest, query, body):
        zones = self.zones.setdefault(project, {})
        if rest == ["managedZones"]:
            if method == "POST":
                zones[body["name"]] = {**body, "id": self.next()}
                self.records[project, body["name"]] = []
                return zones[body["name"]]
            return self.paged(sorted(zones.values(), key=lambda z: z["name"]), query, "managedZones")
        named = [z for z in zones.values() if rest[1] in (z["name"], z["id"])]
        if not named:
            raise Refused(404, "notFound", f"The managed zone '{rest[1]}' does not exist")
        if len(rest) == 2:
            return named[0]
        records = self.records[project, named[0]["name"]]
        if rest[2] == "rrsets" and method == "GET":
            kept = [r for r in records if query.get("name") in (None, r["name"]) and query.get("type") in (None, r["type"])]
            return self.paged(kept, query, "rrsets")
        if rest[2:] == ["changes"]:
            for gone in body.get("deletions", []):
                if gone not in records:
                    raise Refused(404, "notFound", f"The record {gone['name']} ({gone['type']}) does not exist as given")
            kept = [r for r in records if r not in body.get("deletions", [])]
            for new in body.get("additions", []):
                if any((r["name"], r["type"]) == (new["name"], new["type"]) for r in kept):
                    raise Refused(409, "alreadyExists", f"The record {new['name']} ({new['type']}) already exists")
                kept.append(new)
            records[:] = kept
            return {**body, "id": self.next(), "status": "done"}
        raise Refused(404, "notFound", "/".join(rest))

    # Cloud Storage

    def bucket(self, name):
        if name not in self.buckets:
            raise Refused(404, "notFound", "The specified bucket does not exist.")
        return self.buckets[name]

    def storage(self, method, parts, query, body):
        bucket = self.bucket(parts[1])
        if len(parts) == 2:
            return {"name": parts[1], "iamConfiguration": {"uniformBucketLevelAccess": {"enabled": True}}}
        if parts[2] == "iam":
            if method == "PUT":
                bucket["policy"] = self.checked_policy(bucket["policy"], body, 412)
            return copy.deepcopy(bucket["policy"])
        objects = bucket["objects"]
        if len(parts) == 3:
            prefix, delimiter = query.get("prefix", ""), query.get("delimiter")
            keys, prefixes = [], set()
            for key in sorted(objects):
                if key.startswith(prefix):
                    inner = key[len(prefix):]
                    if delimiter and delimiter in inner:
                        prefixes.add(prefix + inner.split(delimiter)[0] + delimiter)
                    else:
                        keys.append(key)
            answer = self.paged([{"name": key, "generation": objects[key][0]} for key in keys], query)
            return {**answer, **({"prefixes": sorted(prefixes)} if prefixes else {})}
        key = parts[3]
        self.check_generation(objects.get(key), query)
        if key not in objects:
            raise Refused(404, "notFound", f"No such object: {key}")
        generation, data = objects[key]
        if method == "DELETE":
            del objects[key]
            return None
        if query.get("alt") == "media":
            return (generation, data)
        return {"name": key, "generation": generation, "md5Hash": base64.b64encode(hashlib.md5(data).digest()).decode()}

    def check_generation(self, current, query):
        wanted = query.get("ifGenerationMatch")
        if wanted is not None and wanted != (current[0] if current else "0"):
            raise Refused(412, "conditionNotMet", "the object has another generation")

    def upload(self, name, query, kind, raw):
        bucket = self.bucket(name)
        boundary = re.search(r'boundary="?([^";]+)', kind).group(1).encode()
        parts = [part.partition(b"\r\n\r\n")[2] for part in raw.split(b"--" + boundary)[1:3]]
        metadata, data = json.loads(parts[0]), parts[1].removesuffix(b"\r\n")
        self.check_generation(bucket["objects"].get(metadata["name"]), query)
        generation = self.next()
        bucket["objects"][metadata["name"]] = (generation, data)
        return {"name": metadata["name"], "generation": generation}

    # All of it

    def answer(self, method, target, kind, raw):
        url = urllib.parse.urlsplit(target)
        query = {name: values[-1] for name, values in urllib.parse.parse_qs(url.query, keep_blank_values=True).items()}
        parts = [urllib.parse.unquote(part) for part in url.path.strip("/").split("/")]
        if parts[0] == "upload":
            return self.upload(parts[4], query, kind, raw)
        body = json.loads(raw) if raw else {}
        if parts[:2] == ["compute", "v1"]:
            return self.compute(method, "/".join(parts[2:]), query, body)
        if parts[:2] == ["storage", "v1"]:
            return self.storage(method, parts[2:], query, body)
        if parts[:3] == ["dns", "v1", "projects"]:
            return self.dns(method, parts[3], parts[4:], query, body)
        if parts[:2] == ["v1", "projects"] and len(parts) == 3 and ":" in parts[2]:
            project, _, verb = parts[2].partition(":")
            return self.resource_manager(project, verb, body)
        if parts[:2] == ["v1", "projects"] and parts[3] == "serviceAccounts":
            return self.iam(method, parts[2], parts[4:], query, body)
        raise Refused(404, "notFound", f"no API at {url.path}")

    def everything(self):
        """What exists, without what differs each time."""
        hidden = {"id", "labelFingerprint", "fingerprint", "etag", "uniqueId"}
        plain = lambda value: ({k: plain(v) for k, v in value.items() if k not in hidden} if isinstance(value, dict)
                               else [plain(v) for v in value] if isinstance(value, list) else value)
        return {
            "resources": plain(self.resources), "accounts": plain(self.accounts), "policies": plain(self.policies),
            "records": {"/".join(zone): records for zone, records in self.records.items()},
            "buckets": {name: {"policy": plain(b["policy"]), "objects": sorted(b["objects"])} for name, b in self.buckets.items()},
        }

    def steer(self, order):
        self.page, self.slow = order.get("page", self.page), order.get("slow", self.slow)
        for collection, body in order.get("add", []):
            if collection.endswith("/serviceAccounts"):
                self.iam("POST", collection.split("/")[1], [], {}, body)
            elif collection.endswith("/managedZones"):
                self.dns("POST", collection.split("/")[1], ["managedZones"], {}, body)
            elif collection.endswith("/rrsets"):
                _, project, _, zone, _ = collection.split("/")
                records = self.records[project, zone]
                records[:] = [r for r in records if (r["name"], r["type"]) != (body["name"], body["type"])] + [body]
            elif collection == "objects":
                self.bucket(body["bucket"])["objects"][body["name"]] = (self.next(), body["content"].encode())
            elif collection == "buckets":
                self.buckets[body["name"]] = {"objects": {}, "policy": {"version": 1, "etag": self.fingerprint(), "bindings": []}}
            else:
                self.add(collection, body)
        if "policy" in order:
            policy = {"version": 1, **order["policy"], "etag": self.fingerprint()}
            if "project" in order:
                self.policies[order["project"]] = policy
            else:
                self.bucket(order["bucket"])["policy"] = policy
        if "set" in order:
            path, fields = order["set"]
            self.found(path).update(whole(fields, path.split("/")[1]))
        # Numbers go on: the same generation of an object never has another content.
        state = ("resources", "operations", "done_requests", "accounts", "policies", "records", "zones", "buckets")
        if order.get("save"):
            self.saved = copy.deepcopy({name: getattr(self, name) for name in state})
        if order.get("restore"):
            self.__dict__.update(copy.deepcopy(self.saved))
        if order.get("reset"):
            self.log, self.kill = [], None
        if "kill" in order:
            self.log, self.kill = [], (order["kill"], order["at"], order.get("after", False), order.get("writes", False))
        return {}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def any(self):
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        google, headers = self.server.google, {}
        try:
            with google.lock:
                if self.path == "/test":
                    status, answer = 200, google.steer(json.loads(raw)) if self.command == "POST" else {
                        "requests": len(google.log), "log": google.log, "world": google.everything()}
                else:
                    google.advance()
                    google.log.append(f"{self.command} {self.path}")
                    process, at, after, only_writes = google.kill or (None, 0, False, False)
                    counts = [line for line in google.log if not only_writes or is_write(line)] if process else []
                    reached = process and len(counts) >= at and (not only_writes or is_write(google.log[-1]))
                    if reached and not after:
                        os.kill(process, signal.SIGKILL)
                        google.kill = None
                        self.close_connection = True
                        return
                    try:
                        status, answer = 200, google.answer(self.command, self.path, self.headers.get("Content-Type", ""), raw)
                    finally:
                        if reached:
                            os.kill(process, signal.SIGKILL)
                            google.kill = None
        except Refused as refused:
            status, answer = refused.status, refused.body()
        except ProcessLookupError:
            status, answer = 503, {}
        if answer is None:
            status, answer = 204, b""
        if isinstance(answer, tuple):
            headers["x-goog-generation"], answer = answer
        data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = any

    def log_message(self, *arguments):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads, request_queue_size = True, 128

    def handle_error(self, *arguments):
        pass


def main():
    server = Server(("127.0.0.1", 0), Handler)
    server.google = Google()
    server.google.steer({"add": [["buckets", {"name": "state"}], ["buckets", {"name": "backups"}]]})
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(json.dumps({"endpoint": f"http://127.0.0.1:{server.server_port}"}), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
